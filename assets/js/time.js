// Tells the dates that carry `data-ago` as time gone by while they are young, and by their month later on.

const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60]];
const MOST_DAYS = 60;
const lang = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
// "Yesterday" is a day of the calendar, and 40 hours ago may have been the day before it.
const [words, inWords] = ["always", "auto"].map((numeric) => new Intl.RelativeTimeFormat(lang, { numeric }));
const told = (date, how) => new Intl.DateTimeFormat(lang, { ...how, timeZone: "UTC" }).format(date);

for (const time of document.querySelectorAll("time[data-ago]")) {
  const date = new Date(time.dateTime);
  const exact = time.dateTime.includes("T");
  // Of a day, the hour is not known: it is told in whole days.
  const now = exact ? Date.now() : new Date().setUTCHours(0, 0, 0, 0);
  const seconds = Math.round((now - date) / 1000);
  if (!(seconds >= 0)) continue;
  time.title = exact ? `${told(date, { dateStyle: "long", timeStyle: "short" })} UTC` : told(date, { dateStyle: "long" });
  const [unit, size] = (exact && UNITS.find(([, size]) => seconds >= size)) || UNITS[exact ? 2 : 0];
  time.textContent = seconds > MOST_DAYS * 86400
    ? told(date, { month: "long", year: "numeric" })
    : (exact && seconds >= 60 ? words : inWords).format(-Math.floor(seconds / size), unit);
}
