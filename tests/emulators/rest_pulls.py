"""Pull requests, reviews and review comments, with GitHub's rules about the lines of a diff."""

from typing import Any

from tests.emulators.rest_calls import Answer, ApiError, Call, Listing, check_text, handles, invalid
from tests.emulators.rest_files import store_of
from tests.emulators.rest_issues import MAX_TITLE
from tests.emulators.rest_world import BOT, Record

READ = "pull_requests=read"
WRITE = "pull_requests=write"


@handles("GET", "/pulls", READ)
def list_pulls(call: Call) -> Listing:
    query, state = call.query, call.query.get("state", "open")

    def suits(pull: Record) -> bool:
        head = pull["head"]
        label = f"{head['repo'].partition('/')[0]}:{head['ref']}"
        return (
            state in ("all", pull["state"])
            # GitHub ignores a head that names no owner.
            and (":" not in query.get("head", "") or query["head"].lower() == label.lower())
            and query.get("base", pull["base"]["ref"]) == pull["base"]["ref"]
        )

    chosen = [pull for pull in call.world.pulls.values() if suits(pull)]
    chosen.sort(key=lambda pull: pull["number"], reverse=query.get("direction", "desc") == "desc")
    return Listing([call.shapes.pull(pull, whole=False) for pull in chosen])


@handles("GET", "/commits/{commit_sha}/pulls", READ)
def pulls_of_commit(call: Call) -> Listing:
    sha = call.params["commit_sha"]
    chosen = [
        pull for pull in call.world.pulls.values() if sha in (pull["head"]["sha"], pull["merge_commit_sha"])
    ]
    return Listing([call.shapes.pull(pull, whole=False) for pull in chosen])


@handles("POST", "/pulls", WRITE)
def create_pull(call: Call) -> Answer:
    given, world = call.payload, call.world
    if call.login == BOT and not world.actions_may_create_pulls:
        raise ApiError(403, "GitHub Actions is not permitted to create or approve pull requests.")
    title = check_text("PullRequest", "title", given.get("title", ""), MAX_TITLE)
    if not title.strip():
        raise invalid("PullRequest", "title", "missing_field")
    body = check_text("PullRequest", "body", given.get("body") or "")
    owner, _, branch = given["head"].rpartition(":")
    if owner not in ("", world.owner):
        raise invalid("PullRequest", "head", "invalid")
    store = store_of(world)
    head_sha, base_sha = store.ref(f"heads/{branch}"), store.ref(f"heads/{given['base']}")
    for name, sha in (("head", head_sha), ("base", base_sha)):
        if sha is None:
            raise invalid("PullRequest", name, "invalid")
    if head_sha == base_sha:
        text = f"No commits between {given['base']} and {branch}"
        error = {"resource": "PullRequest", "code": "custom", "message": text}
        raise ApiError(422, "Validation Failed", [error])
    for pull in world.pulls.values():
        same = pull["head"]["ref"] == branch and pull["head"]["repo"] == world.repository
        if pull["state"] == "open" and same and pull["base"]["ref"] == given["base"]:
            text = f"A pull request already exists for {world.owner}:{branch}."
            error = {"resource": "PullRequest", "code": "custom", "message": text}
            raise ApiError(422, "Validation Failed", [error])
    pull = world.add_pull(
        title,
        head=branch,
        head_sha=head_sha or "",
        base=given["base"],
        base_sha=base_sha or "",
        body=body,
        user=call.login,
        merge_commit_sha=None,
    )
    pull["draft"] = bool(given.get("draft"))
    return Answer(call.shapes.pull(pull, whole=True), 201)


@handles("GET", "/pulls/{pull_number}", READ)
def get_pull(call: Call) -> Answer:
    return Answer(call.shapes.pull(call.pull(), whole=True))


@handles("PATCH", "/pulls/{pull_number}", WRITE)
def update_pull(call: Call) -> Answer:
    pull, given = call.pull(), call.payload or {}
    if "title" in given:
        pull["title"] = check_text("PullRequest", "title", given["title"], MAX_TITLE)
    if "body" in given:
        pull["body"] = check_text("PullRequest", "body", given["body"] or "")
    if given.get("state") not in (None, pull["state"]):
        pull["state"] = given["state"]
        pull["closed_at"] = None if given["state"] == "open" else call.world.stamp()
    pull["updated_at"] = call.world.stamp()
    return Answer(call.shapes.pull(pull, whole=True))


@handles("GET", "/pulls/{pull_number}/files", READ)
def list_files(call: Call) -> Listing:
    """List the files; GitHub tells at most 3,000."""
    pull = call.pull()
    return Listing([call.shapes.file(file, pull["head"]["sha"]) for file in pull["files"][:3_000]])


@handles("GET", "/pulls/{pull_number}/comments", READ)
def list_review_comments(call: Call) -> Listing:
    number = call.pull()["number"]
    mine = [comment for comment in call.world.review_comments if comment["number"] == number]
    return Listing([call.shapes.review_comment(comment) for comment in mine])


@handles("GET", "/pulls/comments/{comment_id}", READ)
def get_review_comment(call: Call) -> Answer:
    return Answer(call.shapes.review_comment(review_comment_of(call)))


@handles("PATCH", "/pulls/comments/{comment_id}", WRITE)
def update_review_comment(call: Call) -> Answer:
    comment = review_comment_of(call)
    comment["body"] = check_text("PullRequestReviewComment", "body", call.payload["body"])
    return Answer(call.shapes.review_comment(comment))


@handles("DELETE", "/pulls/comments/{comment_id}", WRITE)
def delete_review_comment(call: Call) -> Answer:
    call.world.review_comments.remove(review_comment_of(call))
    return Answer(status=204)


def review_comment_of(call: Call) -> Record:
    wanted = call.number("comment_id")
    for comment in call.world.review_comments:
        if comment["id"] == wanted:
            return comment
    raise ApiError(404, "Not Found")


@handles("GET", "/pulls/{pull_number}/reviews", READ)
def list_reviews(call: Call) -> Listing:
    number = call.pull()["number"]
    return Listing([call.shapes.review(one) for one in call.world.reviews if one["number"] == number])


@handles("POST", "/pulls/{pull_number}/reviews", WRITE)
def create_review(call: Call) -> Answer:
    """Create a review with its comments: all of them, or, when one does not fit, nothing."""
    pull, given = call.pull(), call.payload or {}
    event, comments = given.get("event"), given.get("comments", [])
    body = check_text("PullRequestReview", "body", given.get("body") or "")
    if event == "APPROVE" and call.login == BOT and not call.world.actions_may_create_pulls:
        raise ApiError(
            422, "Unprocessable Entity", ["GitHub Actions is not permitted to approve pull requests."]
        )
    if event in ("APPROVE", "REQUEST_CHANGES") and call.login == pull["user"]:
        what = "approve" if event == "APPROVE" else "request changes on"
        raise ApiError(422, "Unprocessable Entity", [f"Can not {what} your own pull request"])
    if (event == "REQUEST_CHANGES" and not body) or (event == "COMMENT" and not (body or comments)):
        raise ApiError(422, "Unprocessable Entity", ["Body can't be blank"])
    commit = given.get("commit_id", pull["head"]["sha"])
    if commit not in (pull["head"]["sha"], *pull.get("commits", ())):
        raise ApiError(422, "Unprocessable Entity", ["Commit is not part of the pull request"])
    for comment in comments:
        check_review_comment(pull, comment)
    review = {
        "id": call.world.next_id(),
        "number": pull["number"],
        "body": body,
        "state": {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}.get(
            event or "", "PENDING"
        ),
        "user": call.login,
        "commit_id": commit,
        "submitted_at": call.world.stamp(),
    }
    call.world.reviews.append(review)
    for comment in comments:
        call.world.add_review_comment(
            pull["number"],
            comment["path"],
            comment["line"],
            comment["body"],
            call.login,
            review=review["id"],
            start_line=comment.get("start_line"),
            side=comment.get("side", "RIGHT"),
            commit_id=commit,
        )
    return Answer(call.shapes.review(review))


def check_review_comment(pull: Record, comment: dict[str, Any]) -> None:
    """Refuse what GitHub refuses about one comment of a review."""

    def refuse(text: str) -> ApiError:
        return ApiError(422, "Unprocessable Entity", [text])

    if not comment["body"].strip():
        raise refuse("Body can't be blank")
    check_text("PullRequestReviewComment", "body", comment["body"])
    lines = pull["lines"].get(comment["path"])
    if lines is None:
        raise refuse("Path could not be resolved")
    line, start = comment.get("line"), comment.get("start_line")
    if line is None or line not in lines:
        raise refuse("Line could not be resolved")
    if start is not None:
        if start >= line:
            raise refuse("Start line must precede the end line.")
        if not set(range(start, line + 1)) <= set(lines):
            raise refuse("Start line must be part of the same hunk as the line.")
