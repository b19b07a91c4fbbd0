// What is asked of control goes out once, and control has five seconds for an answer.

const ANSWER_MS = 5000;

/**
 * @param {string} path @param {unknown} body
 * @returns {Promise<{status: number, reason: string}>} status 0 when no answer came; the reason is "" when it was taken
 */
export async function post(path, body) {
  try {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    if (answer.ok) return { status: answer.status, reason: "" };
    const problem = await answer.json();
    return { status: answer.status, reason: problem.detail ?? problem.title };
  } catch {
    return { status: 0, reason: "" };
  }
}
