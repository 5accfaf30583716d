// An old address of the search leads to the list, with what was searched for.

const query = new URLSearchParams(location.search).get("q");
if (query) {
  const address = new URL(document.getElementById("search").action);
  address.search = new URLSearchParams({ q: query }).toString();
  location.replace(address);
}
