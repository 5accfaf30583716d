"""Actions of our own run as GitHub runs them: tested by small ones."""

import json
from textwrap import dedent, indent

import pytest

from tests.workflows.breaches import Breach
from tests.workflows.conftest import CHECKOUT, Play, steps
from tests.workflows.events import pull_request
from tests.workflows.expressions import ExpressionError
from tests.workflows.forge import Forge
from tests.workflows.runner import Result, run_workflow
from tests.workflows.workflow import WorkflowError, read_action

pytestmark = pytest.mark.xdist_group("runner")

OWN = ".github/actions/own/action.yml"
OTHER = ".github/actions/other/action.yml"
CHECKED_OUT = f"- {{uses: {CHECKOUT}, with: {{persist-credentials: false}}}}\n"
USED = "- uses: ./.github/actions/own\n"


def action(text: str, head: str = "") -> str:
    """Return an action of these steps."""
    start = f"name: own\ndescription: For a test\n{dedent(head)}"
    return f"{start}runs:\n  using: composite\n  steps:\n{indent(dedent(text), '    ')}\n"


def play_own(play: Play, own: str, job: str = USED, **more: object) -> Result:
    """Run a job that checks out, then takes these steps; `own` is the action ./.github/actions/own."""
    files = {OWN: own, **more.pop("files", {})}  # type: ignore[dict-item]
    return play(steps(CHECKED_OUT + dedent(job)), files=files, **more)


def test_an_action_has_inputs_steps_and_outputs_of_its_own(play: Play) -> None:
    own = action(
        """
        - id: say
          run: echo "words=$WORDS" >> "$GITHUB_OUTPUT"
          shell: bash
          env: {WORDS: "${{ inputs.word }} ${{ inputs.where }} ${{ inputs.empty }}"}
        - run: echo "$SEEN"
          shell: bash
          env: {SEEN: "${{ toJSON(steps) }}"}
        """,
        """
        inputs:
          word: {description: What is said, default: nothing}
          where: {description: Where, default: "${{ github.repository }}"}
          empty: {description: Nobody gives it, required: true}
        outputs:
          said: {description: What was said, value: "${{ steps.say.outputs.words }}!"}
        """,
    )
    run = play_own(
        play,
        own,
        """
        - {id: outer, run: echo before=1 >> "$GITHUB_OUTPUT"}
        - {id: one, uses: ./.github/actions/own}
        - {id: two, uses: ./.github/actions/own, with: {word: "${{ steps.outer.outputs.before }}"}}
        - {run: echo "$SEEN", env: {SEEN: "${{ toJSON(steps) }}"}}
        """,
        on="{workflow_dispatch: {inputs: {word: {type: string}}}, schedule: [{cron: 5 5 * * *}]}",
    )
    assert run.conclusion == "success", run.log
    job = run.jobs["one"]
    outside = json.loads(job.steps[-1].log)
    assert list(outside) == ["outer", "one", "two"]
    assert outside["one"]["outputs"] == {"said": "nothing almanac/registry !"}
    assert outside["two"]["outputs"] == {"said": "1 almanac/registry !"}
    assert list(json.loads(job.steps[2].steps[1].log)) == ["say"]
    assert job.steps[2].log.startswith("--- say: success\n--- run: success\n{\n")


def test_a_step_of_an_action_has_the_jobs_environment_and_not_its_defaults(play: Play) -> None:
    own = action(
        """
        - run: |
            echo "$JOB $USER_OF_IT $STEP $LATER"
            echo LATER=exported >> "$GITHUB_ENV"
            mkdir bin; printf '#!/bin/sh\\necho found' > bin/tool; chmod +x bin/tool
            echo "$PWD/bin" >> "$GITHUB_PATH"
          shell: sh
          env: {STEP: "step-of-${{ env.USER_OF_IT }}", USER_OF_IT: mine}
        - run: echo "$STEP $USER_OF_IT $LATER $(tool)"; test "$PWD" = "$GITHUB_WORKSPACE"
          shell: bash
        - run: echo "$PWD"; test "$GITHUB_ACTION_PATH" = "$PATH_OF_IT"; cat "$GITHUB_ACTION_PATH/beside"
          shell: bash
          working-directory: bin
          env: {PATH_OF_IT: "${{ github.action_path }}"}
        """
    )
    run = play_own(
        play,
        own,
        """
        - run: mkdir elsewhere
          working-directory: .
        - uses: ./.github/actions/own
          env: {USER_OF_IT: theirs}
        - run: echo "$PWD $USER_OF_IT $LATER $(tool) $GITHUB_ACTION_PATH"
        """,
        head="env: {JOB: whole}\ndefaults: {run: {working-directory: elsewhere}}\n",
        files={".github/actions/own/beside": "a file beside it\n"},
    )
    assert run.conclusion == "success", run.log
    job = run.jobs["one"]
    first, second, third = (step.log for step in job.steps[2].steps)
    assert first == "whole mine step-of-theirs \n"
    assert second == " theirs exported found\n"
    assert third == f"{job.workspace}/bin\na file beside it\n"
    assert job.steps[3].log == f"{job.workspace}/elsewhere  exported found \n"


def test_success_in_an_action_is_that_of_its_own_steps(play: Play) -> None:
    own = action(
        """
        - {run: echo runs, shell: bash}
        - {run: "false", shell: bash, continue-on-error: true}
        - {run: echo still, shell: bash}
        - {run: exit 3, shell: bash, id: bad}
        - {run: echo never, shell: bash}
        - {run: echo in any case, shell: bash, if: always()}
        - {run: echo it failed, shell: bash, if: failure() && steps.bad.outcome == 'failure'}
        """,
        "outputs: {how: {value: '${{ steps.bad.outcome }}'}}\n",
    )
    run = play_own(
        play,
        own,
        """
        - run: "false"
        - {uses: ./.github/actions/own, if: always(), id: own}
        - run: echo never
        - {run: echo "$HOW", if: always(), env: {HOW: "${{ steps.own.outputs.how }}"}}
        """,
    )
    job = run.jobs["one"]
    assert [step.outcome for step in job.steps] == ["success", "failure", "failure", "skipped", "success"]
    assert [step.outcome for step in job.steps[2].steps] == [
        "success", "failure", "success", "failure", "skipped", "success", "success",
    ]  # fmt: skip
    assert "Error: Process completed with exit code 3.\n" in job.steps[2].log
    assert job.steps[4].log == "failure\n"


def test_an_action_that_may_fail_fails_nothing(play: Play) -> None:
    own = action("- {run: 'false', shell: bash}")
    run = play_own(play, own, "- {uses: ./.github/actions/own, continue-on-error: true}\n- run: echo on\n")
    assert run.conclusion == "success"
    assert [(step.outcome, step.conclusion) for step in run.jobs["one"].steps[1:]] == [
        ("failure", "success"),
        ("success", "success"),
    ]


@pytest.mark.parametrize("context", ["secrets.SECRET", "toJSON(needs)", "vars.ANY"])
def test_an_action_sees_no_secret_and_nothing_of_other_jobs(play: Play, context: str) -> None:
    own = action(f"- {{run: 'true', shell: bash, env: {{IT: '${{{{ {context} }}}}'}}}}")
    with pytest.raises(ExpressionError) as caught:
        play_own(play, own)
    assert str(caught.value).startswith(f"{context}: Unrecognized named-value: '")


def test_an_input_that_an_action_has_not_is_warned_of(play: Play) -> None:
    own = action(
        "- {run: 'echo \"<$A>\"', shell: bash, env: {A: '${{ inputs.a }}${{ inputs.c }}'}}",
        "inputs: {a: {required: true}, b: {}}\n",
    )
    run = play_own(play, own, "- {uses: ./.github/actions/own, with: {c: 1, d: 2}}\n")
    assert run.conclusion == "success"
    (warning,) = run.annotations
    assert (warning.name, warning.data) == (
        "warning", "Unexpected input(s) 'c', 'd', valid inputs are ['a', 'b']",
    )  # fmt: skip


def test_an_action_uses_others_by_their_place_in_the_workspace_and_pinned_ones(play: Play) -> None:
    kept = "actions/cache@27d5ce7f107fe9357f9df03efb73ab90386fccae"
    own = action(
        f"""
        - {{uses: ./.github/actions/other, with: {{word: "${{{{ inputs.word }}}}"}}, id: other}}
        - {{uses: {kept}, with: {{path: kept, key: "own-${{{{ steps.other.outputs.word }}}}"}}}}
        - {{run: mkdir -p kept; echo kept > kept/it, shell: bash}}
        """,
        "inputs: {word: {default: deep}}\n",
    )
    other = action(
        "- {run: 'echo \"$GITHUB_ACTION_PATH $UP\"', shell: bash}",
        "inputs: {word: {}}\noutputs: {word: {value: '${{ inputs.word }}er'}}\n",
    )
    job = "- {uses: ./.github/actions/own, env: {UP: above}}\n"
    first = play_own(play, own, job, files={OTHER: other})
    again = play_own(play, own, job, files={OTHER: other})
    (inner,) = first.jobs["one"].steps[1].steps[0].steps
    assert inner.log == f"{first.jobs['one'].workspace}/.github/actions/other above\n"
    assert "Cache not found for ['own-deeper']" in first.log
    assert "Cache restored from key: own-deeper" in again.log


def test_an_action_of_others_is_as_pinned_in_ours(play: Play) -> None:
    with pytest.raises(WorkflowError, match=r"actions/checkout@v7: must be pinned as "):
        play_own(play, action("- uses: actions/checkout@v7"))


def test_what_is_checked_out_is_what_runs(play: Play, empty_forge: Forge) -> None:
    base = "{persist-credentials: false, ref: '${{ github.event.pull_request.base.sha }}'}"
    on = "{pull_request: , schedule: [{cron: 5 5 * * *}]}"
    for given, told in ((base, "of the base\n"), ("{persist-credentials: false}", "of the change\n")):
        job = steps(f"- {{uses: {CHECKOUT}, with: {given}}}\n{USED}")
        play(job, on=on, files={OWN: action("- {run: echo of the base, shell: bash}")})
        changed = action("- {run: echo of the change, shell: bash}")
        run = run_workflow(empty_forge, "play.yml", pull_request(empty_forge, {OWN: changed}))
        assert run.jobs["one"].steps[1].steps[0].log == told


def test_an_action_that_is_not_there_fails_its_step(play: Play) -> None:
    run = play(steps(USED), files={OWN: action("- {run: 'true', shell: bash}")})
    (step,) = run.jobs["one"].steps
    assert step.outcome == "failure"
    assert step.log == (
        f"Error: Can't find 'action.yml', 'action.yaml' or 'Dockerfile' under "
        f"'{run.jobs['one'].workspace}/.github/actions/own'. Did you forget to run actions/checkout before "
        "running your local action?\n"
    )


@pytest.mark.parametrize(
    ("uses", "words"),
    [
        ("./../own", "./../own: must lie in the workspace"),
        ("./.github/actions/own", "own: actions use one another more than 9 deep"),
    ],
)
def test_an_action_that_leads_out_or_round_in_a_circle_is_refused(play: Play, uses: str, words: str) -> None:
    with pytest.raises(WorkflowError) as caught:
        play_own(play, action(f"- uses: {uses}"))
    assert str(caught.value) == words


@pytest.mark.parametrize(
    "leak",
    [
        'echo "$T"',
        'echo "t=$T" >> "$GITHUB_OUTPUT"',
        'echo "::add-mask::new-secret"; echo "new-""secret"',
        "echo '::set-output name=a::b'",
    ],
)
def test_a_leak_in_an_action_is_a_breach(play: Play, leak: str) -> None:
    own = action(f"- run: |\n    {leak}\n  shell: bash")
    job = "- {uses: ./.github/actions/own, env: {T: '${{ secrets.SECRET }}'}}\n"
    with pytest.raises(Breach):
        play_own(play, own, job)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (action("- run: 'true'"), "a.yml: step 1: shell is missing, which a step of an action must name"),
        (action("- {run: x, shell: bash, timeout-minutes: 1}"), "a.yml: step 1: timeout-minutes is unknown"),
        (action("- {run: x, shell: bash, uses: y}"), "a.yml: step 1: needs either run or uses"),
        (action("- {id: a, uses: x}\n- {id: a, uses: x}"), "a.yml: two steps have the same id"),
        (
            action("- uses: x").replace("composite", "node24"),
            "a.yml: runs.using: only composite actions can be played",
        ),
        (action("- uses: x").replace("steps", "step"), "a.yml: runs: step is unknown"),
        ("name: a\ndescription: b\nruns: {using: composite}\n", "a.yml: runs.steps is missing"),
        ("name: a\nruns: {using: composite, steps: []}\n", "a.yml: description is missing"),
        (action("- uses: x", "input: {}\n"), "a.yml: input is unknown"),
        (action("- uses: x", "inputs: {a: {type: string}}\n"), "a.yml: inputs.a: type is unknown"),
        (action("- uses: x", "outputs: {a: {description: b}}\n"), "a.yml: outputs.a: value is missing"),
        ("- a\n", "a.yml: must hold keys and values"),
    ],
)
def test_an_action_that_github_would_refuse_is_refused(text: str, words: str) -> None:
    with pytest.raises(WorkflowError) as caught:
        read_action(text, "a.yml")
    assert str(caught.value) == words
