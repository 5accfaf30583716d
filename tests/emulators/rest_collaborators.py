"""Who may do what in the repository: whoever has a name may write, but a `passer-by` and who is `unknown`."""

from tests.emulators.rest_calls import Answer, ApiError, Call, handles


@handles("GET", "/collaborators/{username}/permission", "metadata=read contents=read")
def get_permission(call: Call) -> Answer:
    login = call.params["username"]
    if login == "unknown":
        raise ApiError(404, f"{login} is not a user")
    role = "read" if login == "passer-by" else "triage" if login == "helper" else "write"
    permission = "write" if role == "write" else "read"
    return Answer({"permission": permission, "role_name": role, "user": None})
