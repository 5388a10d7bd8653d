"""One suite per port, run against the fake and every real adapter."""

import pytest

pytest.register_assert_rewrite("tests.contracts.target_contract", "tests.contracts.source_contract")
