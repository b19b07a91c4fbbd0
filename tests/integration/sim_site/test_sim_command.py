import asyncio
import json
import signal
import socket
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e


@pytest.fixture
def site_folder(tmp_path, site_copy):
    """The example site on free ports, in a folder with a space and Chinese characters in its name."""
    return site_copy(tmp_path / "站点 1")


@asynccontextmanager
async def command(*arguments):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "coldport", "sim", "run", *map(str, arguments),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, cwd=Path.cwd(),
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_runs_until_a_signal_and_leaves_no_lines_behind(site_folder, tmp_path, eventually, number):
    lines = tmp_path / "data" / "lines"
    async with command(site_folder, "--data", tmp_path / "data", "--speed", "2") as process:
        await eventually(lambda: lines.exists() and len(list(lines.iterdir())) == 5)
        assert {path.name for path in lines.iterdir()} == {"cold-a", "cold-b", "cold-c", "lane-1-scale", "lane-2-scale"}
        assert all(path.readlink().is_relative_to("/dev/pts") for path in lines.iterdir())
        process.send_signal(number)
        _, errors = await asyncio.wait_for(process.communicate(), 10)
    assert process.returncode == 0
    said = [json.loads(line) for line in errors.splitlines()]
    told = {line["said"] for line in said if line["from"] != "coldport.supervise"}
    assert {one[:10] for one in told} == {"faults and"}
    assert list(lines.iterdir()) == []


async def test_after_a_kill_it_starts_again_on_the_lines_that_were_left(site_folder, tmp_path, eventually):
    lines = tmp_path / "data" / "lines"
    for _ in range(2):
        async with command(site_folder, "--data", tmp_path / "data") as process:
            await eventually(lambda: lines.exists() and all(path.exists() for path in lines.iterdir()))
            await eventually(lambda: len(list(lines.iterdir())) == 5)
            process.kill()
            await process.wait()
    assert len(list(lines.iterdir())) == 5


async def test_a_port_in_use_and_a_broken_file_are_one_line_and_exit_code_2(site_folder, tmp_path):
    file = site_folder / "simulation.toml"
    port = int(file.read_text(encoding="utf-8").split('id = "io-1"\nport = ')[1].split("\n")[0])
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        async with command(site_folder, "--data", tmp_path / "data") as process:
            _, errors = await asyncio.wait_for(process.communicate(), 15)
    assert process.returncode == 2
    assert errors.decode().count("\n") == 1
    assert f"cannot listen on 127.0.0.1:{port}" in errors.decode()
    assert list((tmp_path / "data").glob("lines/*")) == []
    file.write_text(file.read_text(encoding="utf-8").replace("swing_c", "swong_c"), encoding="utf-8")
    async with command(site_folder, "--data", tmp_path / "data") as process:
        _, errors = await asyncio.wait_for(process.communicate(), 15)
    assert process.returncode == 2
    assert "simulation.toml:" in errors.decode()
    assert "unknown field `swong_c`" in errors.decode()
