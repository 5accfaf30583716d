"""The runner does what GitHub's does: tested by small workflows of its own."""

import json
import sys
from pathlib import Path

import pytest

from tests.workflows.breaches import Breach
from tests.workflows.commands import FileCommandError, parse_line, parse_log, parse_pairs
from tests.workflows.conftest import CHECKOUT, Play, steps
from tests.workflows.events import pull_request, push, workflow_dispatch
from tests.workflows.expressions import ExpressionError
from tests.workflows.forge import Forge
from tests.workflows.runner import run_workflow
from tests.workflows.workflow import Workflow, WorkflowError, read_workflow, rows

pytestmark = pytest.mark.xdist_group("runner")


NAMES = """
CI GITHUB_ACTIONS GITHUB_ACTOR GITHUB_API_URL GITHUB_BASE_REF GITHUB_ENV GITHUB_EVENT_NAME GITHUB_EVENT_PATH
GITHUB_GRAPHQL_URL GITHUB_HEAD_REF GITHUB_JOB GITHUB_OUTPUT GITHUB_PATH GITHUB_REF GITHUB_REF_NAME
GITHUB_REF_TYPE GITHUB_REPOSITORY GITHUB_REPOSITORY_OWNER GITHUB_RUN_ATTEMPT GITHUB_RUN_ID GITHUB_RUN_NUMBER
GITHUB_SERVER_URL GITHUB_SHA GITHUB_STATE GITHUB_STEP_SUMMARY GITHUB_TRIGGERING_ACTOR GITHUB_WORKFLOW
GITHUB_WORKSPACE HOME LANG MINE PATH RUNNER_ARCH RUNNER_ENVIRONMENT RUNNER_NAME RUNNER_OS RUNNER_TEMP
RUNNER_TOOL_CACHE
"""


def test_a_script_has_githubs_environment_and_none_of_this_machines(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "this-machine's")
    monkeypatch.setenv("EDITOR", "this-machine's")
    run = play(
        steps(
            """
            - run: env -0 | tr '\\n\\0' ' \\n' | cut -d= -f1
              env: {MINE: "1"}
            - run: echo "$GITHUB_REPOSITORY $GITHUB_REF $GITHUB_REF_NAME $GITHUB_EVENT_NAME $GITHUB_JOB"
            - run: cat "$GITHUB_EVENT_PATH"
            """
        )
    )
    names, places, event = (step.log for step in run.jobs["one"].steps)
    of_the_shell = {"PWD", "SHLVL", "_", "OLDPWD"}
    assert set(names.split()) - of_the_shell == set(NAMES.split())
    assert places == "almanac/registry refs/heads/main main schedule one\n"
    assert json.loads(event)["schedule"] == "17 5,17 * * *"


def test_a_pipe_fails_in_githubs_bash_alone(play: Play) -> None:
    run = play(
        steps(
            """
            - run: "false | true; echo went on"
            - {run: "false | true; echo went on", shell: bash}
            - run: echo never
            - {run: echo in any case, if: always()}
            """
        )
    )
    assert [step.outcome for step in run.jobs["one"].steps] == ["success", "failure", "skipped", "success"]
    assert run.conclusion == "failure"


def test_steps_hand_on_outputs_variables_paths_and_summaries(play: Play) -> None:
    run = play(
        steps(
            """
            - id: first
              run: |
                printf 'plain=a=b\\nlong<<END\\none\\ntwo\\nEND\\n' >> "$GITHUB_OUTPUT"
                echo KEPT=yes >> "$GITHUB_ENV"
                mkdir bin; printf '#!/bin/sh\\necho found' > bin/tool; chmod +x bin/tool
                echo "$PWD/bin" >> "$GITHUB_PATH"
                echo '## Done' >> "$GITHUB_STEP_SUMMARY"
            - run: echo "$KEPT $PLAIN $LONG $(tool)"
              env:
                PLAIN: ${{ steps.first.outputs.plain }}
                LONG: ${{ steps.first.outputs.long }}
            """,
            "outputs: {told: '${{ steps.first.outputs.plain }}!'}\n",
        )
        + """
two:
  needs: one
  runs-on: ubuntu-24.04
  steps: [{run: echo "$TOLD", env: {TOLD: "${{ needs.one.outputs.told }}"}}]
"""
    )
    assert run.jobs["one"].steps[1].log == "yes a=b one\ntwo found\n"
    assert run.jobs["one"].summary == "## Done\n"
    assert run.jobs["two"].steps[0].log == "a=b!\n"


def test_what_needs_a_failed_job_is_skipped_unless_it_says_always(play: Play) -> None:
    run = play(
        """
        bad: {runs-on: ubuntu-24.04, steps: [{run: "false"}]}
        next: {needs: bad, runs-on: ubuntu-24.04, steps: [{run: "true"}]}
        last:
          needs: [bad, next]
          if: always()
          runs-on: ubuntu-24.04
          steps: [{run: echo "$IT", env: {IT: "${{ toJSON(needs.*.result) }}"}}]
        """
    )
    assert [job.result for job in run.jobs.values()] == ["failure", "skipped", "success"]
    assert json.loads(run.jobs["last"].steps[0].log) == ["failure", "skipped"]


def test_a_failure_that_is_allowed_fails_nothing(play: Play) -> None:
    run = play(steps("- {run: 'false', continue-on-error: true, id: try}\n- run: echo on\n"))
    assert [(step.outcome, step.conclusion) for step in run.jobs["one"].steps] == [
        ("failure", "success"),
        ("success", "success"),
    ]


def test_a_matrix_makes_a_job_for_each_row() -> None:
    assert rows({"os": ["a", "b"], "py": [1, 2], "exclude": [{"os": "a", "py": 1}]}) == [
        {"os": "a", "py": 2},
        {"os": "b", "py": 1},
        {"os": "b", "py": 2},
    ]
    assert rows({"os": ["a"], "include": [{"os": "a", "more": 1}, {"os": "c"}]}) == [
        {"os": "a", "more": 1},
        {"os": "c"},
    ]


def test_an_input_keeps_its_type_in_conditions(play: Play) -> None:
    run = play(
        steps("- {run: echo asked, if: inputs.sure}\n- {run: echo not, if: inputs.sure != true}\n"),
        on="{workflow_dispatch: {inputs: {sure: {type: boolean}}}}",
        event=lambda forge: workflow_dispatch(forge, sure=False),
    )
    assert [step.outcome for step in run.jobs["one"].steps] == ["skipped", "success"]


def test_the_token_may_what_its_job_names_and_dies_with_it(play: Play, empty_forge: Forge) -> None:
    step = f"""steps:
    - env: {{TOKEN: "${{{{ github.token }}}}"}}
      shell: {sys.executable} {{0}}
      run: |
        import os, requests
        issues = "{{GITHUB_API_URL}}/repos/{{GITHUB_REPOSITORY}}/issues".format(**os.environ)
        headers = {{"Authorization": "Bearer " + os.environ["TOKEN"], "Accept": "application/json"}}
        print(requests.post(issues, json={{"title": "x"}}, headers=headers, timeout=10).status_code)
"""
    job = "  runs-on: ubuntu-24.04\n  permissions: "
    run = play(f"may:\n{job}{{issues: write}}\n  {step}may_not:\n{job}{{issues: read}}\n  {step}")
    assert [job.steps[0].log for job in run.jobs.values()] == ["201\n", "403\n"]
    assert list(empty_forge.rest.tokens) == ["nobody's"]


def test_a_pull_request_from_a_fork_reads_at_most_and_has_no_secrets(play: Play, empty_forge: Forge) -> None:
    play(steps("- run: 'true'\n"), on="{pull_request: , schedule: []}")
    asks = steps(
        """
        - run: test -z "$SECRET"
          env: {SECRET: "${{ secrets.SECRET }}"}
        """,
        "permissions: {contents: write, id-token: write}\n",
    )
    changed = {
        ".github/workflows/play.yml": f"on: pull_request\njobs:\n  {asks.replace(chr(10), chr(10) + '  ')}"
    }
    event = pull_request(empty_forge, changed)
    run = run_workflow(empty_forge, "play.yml", event)
    assert run.conclusion == "success", run.log
    assert run.jobs["one"].permissions == {"contents": "read"}


@pytest.mark.parametrize(
    "leak",
    [
        'echo "$T"',
        'echo "$T" >> "$GITHUB_STEP_SUMMARY"',
        'echo "t=$T" >> "$GITHUB_OUTPUT"',
        'echo "::add-mask::new-secret"; echo "new-""secret"',
    ],
)
def test_a_secret_in_the_open_is_a_breach(play: Play, leak: str) -> None:
    with pytest.raises(Breach, match="a secret stands in: "):
        play(steps(f"- env: {{T: '${{{{ secrets.SECRET }}}}'}}\n  run: |\n    {leak}\n"))


def test_a_checkout_that_keeps_its_token_is_a_breach(play: Play) -> None:
    with pytest.raises(Breach, match=r"a secret stands in: \.git/config"):
        play(steps(f"- uses: {CHECKOUT}\n"))
    run = play(
        steps(
            f"- uses: {CHECKOUT}\n  with: {{persist-credentials: false}}\n- run: git config remote.origin.url"
        )
    )
    assert run.jobs["one"].steps[1].log == "https://github.com/almanac/registry\n"


@pytest.mark.parametrize(
    "line",
    [
        "::set-output name=x::y",
        "  ::set-env name=PATH::/evil",
        "a file named ##[add-path]/evil",
        "over\\r::add-matcher::evil.json",
    ],
)
def test_a_smuggled_command_is_a_breach(play: Play, line: str) -> None:
    with pytest.raises(Breach, match="the runner was given the command"):
        play(steps(f"- run: |\n    printf '{line}\\n'\n"))


def test_commands_are_read_as_the_runner_reads_them() -> None:
    log = """::error file=a%2Cb.md,line=3::bad%0Aworse
no ::error::here
::unknown::
::stop-commands::x1
::error::not
::x1::
::notice::again
"""
    found = parse_log(log)
    assert [(command.name, command.data) for command in found] == [
        ("error", "bad\nworse"),
        ("stop-commands", "x1"),
        ("notice", "again"),
    ]
    assert found[0].properties == {"file": "a,b.md", "line": "3"}
    assert parse_line("so ##[warning]too") is not None


def test_a_broken_file_command_is_refused() -> None:
    assert parse_pairs("a<<E\n\nE\nb=<<c\n", "GITHUB_OUTPUT") == {"a": "", "b": "<<c"}
    with pytest.raises(FileCommandError, match=r"^GITHUB_ENV: END does not come$"):
        parse_pairs("a<<END\nb\n", "GITHUB_ENV")
    with pytest.raises(FileCommandError, match=r"^GITHUB_ENV: 'words' is no name=value$"):
        parse_pairs("words\n", "GITHUB_ENV")


def test_a_cache_of_a_pull_request_is_never_the_default_branchs(play: Play, empty_forge: Forge) -> None:
    use = "actions/cache@27d5ce7f107fe9357f9df03efb73ab90386fccae"
    job = steps(
        f"""
        - uses: {use}
          id: kept
          with: {{path: own, key: guarded, restore-keys: guard}}
        - run: echo "$HIT $(cat own || true)"; echo "$GITHUB_EVENT_NAME" > own
          env: {{HIT: "${{{{ steps.kept.outputs.cache-hit }}}}"}}
        """
    )
    on = "{pull_request: , push: }"
    play(job, on=on, event=push)
    event = pull_request(empty_forge, {"README.md": "Poison.\n"})
    run_workflow(empty_forge, "play.yml", event)
    first = play(job, on=on, event=push)
    second = play(job, on=on, event=push)
    assert "pull_request" not in first.log
    assert second.jobs["one"].steps[1].log == "true push\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("on: push\njobs: {a: {runs-on: x, stepz: []}}", "w.yml: jobs.a: stepz is unknown"),
        ("on: push\njobs: {a: {runs-on: x, needs: b, steps: []}}", "w.yml: jobs.a: needs b, which is no job"),
        (
            "on: push\njobs: {a: {runs-on: x, steps: [{run: x, uses: y}]}}",
            "w.yml: jobs.a: step 1: needs either run or uses",
        ),
        ("on: push", "w.yml: jobs is missing"),
    ],
)
def test_a_file_that_github_would_refuse_is_refused(text: str, words: str) -> None:
    with pytest.raises(WorkflowError) as caught:
        read_workflow(text, "w.yml")
    assert str(caught.value) == words


@pytest.mark.parametrize(
    ("uses", "words"),
    [
        ("actions/github-script@3a2844b7e9c422d3c10d287c895573f7108da1b3", "no such action is allowed"),
        ("actions/checkout@v7", "must be pinned as 9c091bb21b7c1c1d1991bb908d89e4e9dddfe3e0 (v7.0.0)"),
        (f"{CHECKOUT}\n  with: {{deep: 1}}", "has no input deep"),
    ],
)
def test_an_action_that_is_not_in_the_table_is_refused(play: Play, uses: str, words: str) -> None:
    with pytest.raises(WorkflowError) as caught:
        play(steps(f"- uses: {uses}\n"))
    assert str(caught.value).endswith(words)


@pytest.mark.parametrize(
    "condition", ["secrets.SECRET != ''", "githubb.ref == 'x'", "${{ true }} && true", "hashFile('x')"]
)
def test_a_condition_that_github_would_refuse_or_misread_is_refused(play: Play, condition: str) -> None:
    with pytest.raises(ExpressionError):
        play(steps(f"- run: 'true'\n  if: {json.dumps(condition)}\n"))


def test_an_event_that_does_not_start_a_workflow_runs_nothing(play: Play) -> None:
    with pytest.raises(WorkflowError, match="schedule does not start it"):
        play(steps("- run: 'true'\n"), on="push")
    workflow = Workflow(
        path="x", keys={"on": {"push": {"branches": ["main"], "paths": ["a/**"]}}, "jobs": {}}
    )
    assert workflow.wants("push", {}, "refs/heads/main", ["a/b/c"])
    assert not workflow.wants("push", {}, "refs/heads/main", ["b"])
    assert not workflow.wants("push", {}, "refs/heads/other", ["a/b/c"])


def test_files_of_an_artefact_are_named_from_the_folder_that_their_paths_share(
    play: Play, empty_forge: Forge, tmp_path: Path
) -> None:
    upload = "actions/upload-artifact@043fb46d1a93c77aae656e7c1c64a875d1fc6a0a"
    download = "actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c"
    run = play(
        steps(
            f"""
            - run: mkdir -p out/deep out/.hidden; touch out/a.json out/deep/b.txt out/.hidden/c out/not.txt
            - uses: {upload}
              with: {{name: found, path: "out/*.json\\nout/deep"}}
            - uses: {download}
              with: {{name: found, path: got}}
            - run: cd got; find . -type f | sort
            """
        )
    )
    assert run.jobs["one"].steps[-1].log == "./a.json\n./deep/b.txt\n"
