"""Issues, their comments, and labels, as GitHub's REST API keeps them."""

from typing import Any

from tests.emulators.rest_calls import (
    Answer,
    ApiError,
    Call,
    Listing,
    check_color,
    check_text,
    handles,
    invalid,
)
from tests.emulators.rest_world import Record

READ = "issues=read pull_requests=read"
WRITE = "issues=write pull_requests=write"
MAX_TITLE = 256
MAX_LABELS = 100


@handles("GET", "/issues", READ)
def list_issues(call: Call) -> Listing:
    """List issues and pull requests alike, as GitHub does: the newest first."""
    world, query = call.world, call.query
    threads = [*world.issues.values(), *world.pulls.values()]
    state = query.get("state", "open")
    wanted = {name.strip().lower() for name in query.get("labels", "").split(",") if name.strip()}
    chosen = [
        thread
        for thread in threads
        if state in ("all", thread["state"])
        and wanted <= {name.lower() for name in thread["labels"]}
        and query.get("creator", thread["user"]).lower() == thread["user"].lower()
        and thread["updated_at"] >= query.get("since", "")
    ]
    key = f"{query.get('sort', 'created')}_at"
    chosen.sort(key=lambda thread: (thread.get(key, ""), thread["number"]))
    if query.get("direction", "desc") == "desc":
        chosen.reverse()
    return Listing([call.shapes.issue(thread) for thread in chosen])


@handles("POST", "/issues", "issues=write")
def create_issue(call: Call) -> Answer:
    given = call.payload
    title = str(given["title"])
    if not title.strip():
        raise invalid("Issue", "title", "missing_field")
    check_text("Issue", "title", title, MAX_TITLE)
    body = check_text("Issue", "body", given.get("body") or "")
    names = label_names(given.get("labels", []))
    issue = call.world.add_issue(title, body=body, user=call.login, labels=stored(call, names))
    return Answer(call.shapes.issue(issue), 201)


@handles("GET", "/issues/{issue_number}", READ)
def get_issue(call: Call) -> Answer:
    return Answer(call.shapes.issue(call.thread()))


@handles("PATCH", "/issues/{issue_number}", WRITE)
def update_issue(call: Call) -> Answer:
    thread, given = call.thread(), call.payload or {}
    if given.get("title") is not None:
        thread["title"] = check_text("Issue", "title", str(given["title"]), MAX_TITLE)
    if "body" in given:
        thread["body"] = check_text("Issue", "body", given["body"] or "")
    if "labels" in given:
        thread["labels"] = stored(call, label_names(given["labels"]))
    if given.get("state") not in (None, thread["state"]):
        thread["state"] = given["state"]
        is_open = given["state"] == "open"
        thread["closed_at"] = None if is_open else call.world.stamp()
        thread["state_reason"] = "reopened" if is_open else given.get("state_reason") or "completed"
    thread["updated_at"] = call.world.stamp()
    return Answer(call.shapes.issue(thread))


# Comments


@handles("GET", "/issues/{issue_number}/comments", READ)
def list_comments(call: Call) -> Listing:
    comments = call.world.comments_of(call.thread()["number"])
    return Listing([call.shapes.comment(comment) for comment in comments])


@handles("POST", "/issues/{issue_number}/comments", WRITE)
def create_comment(call: Call) -> Answer:
    thread = call.thread()
    if thread["locked"]:
        raise ApiError(403, "Unable to create comment because issue is locked.")
    body = comment_body(call)
    thread["updated_at"] = call.world.stamp()
    return Answer(call.shapes.comment(call.world.add_comment(thread["number"], body, call.login)), 201)


@handles("GET", "/issues/comments/{comment_id}", READ)
def get_comment(call: Call) -> Answer:
    return Answer(call.shapes.comment(comment_of(call)))


@handles("PATCH", "/issues/comments/{comment_id}", WRITE)
def update_comment(call: Call) -> Answer:
    comment = comment_of(call)
    comment["body"] = comment_body(call)
    comment["updated_at"] = call.world.stamp()
    return Answer(call.shapes.comment(comment))


@handles("DELETE", "/issues/comments/{comment_id}", WRITE)
def delete_comment(call: Call) -> Answer:
    call.world.comments.remove(comment_of(call))
    return Answer(status=204)


def comment_of(call: Call) -> Record:
    wanted = call.number("comment_id")
    for comment in call.world.comments:
        if comment["id"] == wanted:
            return comment
    raise ApiError(404, "Not Found")


def comment_body(call: Call) -> str:
    body = str(call.payload["body"])
    if not body.strip():
        raise ApiError(422, "Validation Failed", [{"code": "custom", "message": "Body can't be blank"}])
    return check_text("IssueComment", "body", body)


# Labels


@handles("GET", "/labels", READ)
def list_labels(call: Call) -> Listing:
    labels = sorted(call.world.labels.values(), key=lambda label: label["name"].lower())
    return Listing([call.shapes.label(label) for label in labels])


@handles("POST", "/labels", WRITE)
def create_label(call: Call) -> Answer:
    given = call.payload
    name = label_name(given["name"])
    if call.world.label_named(name) is not None:
        raise invalid("Label", "name", "already_exists")
    label = call.world.add_label(name, check_color(given.get("color", "ededed")), label_text(given))
    return Answer(call.shapes.label(label), 201)


@handles("GET", "/labels/{name}", READ)
def get_label(call: Call) -> Answer:
    return Answer(call.shapes.label(label_of(call)))


@handles("PATCH", "/labels/{name}", WRITE)
def update_label(call: Call) -> Answer:
    label, given = label_of(call), call.payload or {}
    if "new_name" in given:
        other = call.world.label_named(given["new_name"])
        if other is not None and other is not label:
            raise invalid("Label", "name", "already_exists")
        new_name = label_name(given["new_name"])
        for thread in (*call.world.issues.values(), *call.world.pulls.values()):
            thread["labels"] = [
                new_name if name.lower() == label["name"].lower() else name for name in thread["labels"]
            ]
        del call.world.labels[label["name"]]
        label["name"] = new_name
        call.world.labels[new_name] = label
    if "color" in given:
        label["color"] = check_color(given["color"])
    if "description" in given:
        label["description"] = label_text(given)
    return Answer(call.shapes.label(label))


@handles("DELETE", "/labels/{name}", WRITE)
def delete_label(call: Call) -> Answer:
    label = label_of(call)
    del call.world.labels[label["name"]]
    for thread in (*call.world.issues.values(), *call.world.pulls.values()):
        thread["labels"] = [name for name in thread["labels"] if name.lower() != label["name"].lower()]
    return Answer(status=204)


@handles("GET", "/issues/{issue_number}/labels", READ)
def labels_of_issue(call: Call) -> Listing:
    return Listing(call.shapes.labels(call.thread()))


@handles("POST", "/issues/{issue_number}/labels", WRITE)
def add_labels(call: Call) -> Answer:
    thread = call.thread()
    thread["labels"] = stored(call, [*thread["labels"], *given_labels(call)])
    return Answer(call.shapes.labels(thread))


@handles("PUT", "/issues/{issue_number}/labels", WRITE)
def set_labels(call: Call) -> Answer:
    thread = call.thread()
    thread["labels"] = stored(call, given_labels(call))
    return Answer(call.shapes.labels(thread))


@handles("DELETE", "/issues/{issue_number}/labels/{name}", WRITE)
def remove_label(call: Call) -> Answer:
    thread, name = call.thread(), call.params["name"].lower()
    if name not in [label.lower() for label in thread["labels"]]:
        raise ApiError(404, "Label does not exist")
    thread["labels"] = [label for label in thread["labels"] if label.lower() != name]
    return Answer(call.shapes.labels(thread))


def label_of(call: Call) -> Record:
    label = call.world.label_named(call.params["name"])
    if label is None:
        raise ApiError(404, "Not Found")
    return label


def label_name(name: str) -> str:
    if not name.strip():
        raise invalid("Label", "name", "missing_field")
    return check_text("Label", "name", name, 50)


def label_text(given: Any) -> str | None:
    text = given.get("description")
    return None if text is None else check_text("Label", "description", text, 100)


def given_labels(call: Call) -> list[str]:
    given = call.payload
    return label_names(given.get("labels", []) if isinstance(given, dict) else given or [])


def label_names(given: list[Any]) -> list[str]:
    return [str(one["name"]) if isinstance(one, dict) else str(one) for one in given]


def stored(call: Call, names: list[str]) -> list[str]:
    """Return the labels by their own names, without doubles; GitHub makes those that are missing."""
    found: list[str] = []
    for name in names:
        label = call.world.label_named(name) or call.world.add_label(label_name(name))
        if label["name"] not in found:
            found.append(label["name"])
    if len(found) > MAX_LABELS:
        raise invalid("Issue", "labels", "custom", f"issues may have at most {MAX_LABELS} labels")
    return found
