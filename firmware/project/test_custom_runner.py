"""Reads the results of the tests in the Test Anything Protocol (https://testanything.org).

A test program prints `1..N` and then `ok NUMBER - NAME` or `not ok NUMBER - NAME: REASON` for each
of its N tests. PlatformIO needs no library for it.
"""

import re

import click
from platformio.public import TestCase, TestRunnerBase, TestStatus

PLAN = re.compile(r"1\.\.(\d+)$")
RESULT = re.compile(r"(not )?ok (\d+) - ([^:]+)(?:: (.*))?$")


class CustomTestRunner(TestRunnerBase):
    planned = None
    seen = 0

    def on_testing_line_output(self, line):
        line = line.strip()
        plan = PLAN.match(line)
        result = RESULT.match(line)
        if plan:
            self.planned, self.seen = int(plan.group(1)), 0
        elif result:
            self.add_result(*result.groups())
        elif line:
            click.echo(line)

    def add_result(self, failed, _number, name, reason):
        status = TestStatus.FAILED if failed else TestStatus.PASSED
        case = TestCase(name=name, status=status, message=reason)
        self.test_suite.add_case(case)
        click.echo(case.humanize())
        self.seen += 1
        if self.seen == self.planned:
            self.test_suite.on_finish()

    def teardown(self):
        """A program that stops early must not pass for one that has no more tests."""
        if self.test_suite.status == TestStatus.ERRORED or self.options.without_testing:
            return
        if self.seen != self.planned:
            message = "%d of %s results arrived" % (self.seen, self.planned)
            case = TestCase("every test ran", TestStatus.FAILED, message)
            self.test_suite.add_case(case)
            click.echo(case.humanize())
