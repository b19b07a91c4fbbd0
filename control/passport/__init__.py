"""Product passports (农产品身份证): who may carry one, what happens to it, and when it was probably copied."""
