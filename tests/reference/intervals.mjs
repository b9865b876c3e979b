// Reads lines of JSON {text, country, state, lat, lon, from, to} and answers each with a line: {intervals} or {refused}.
// Country and state are ISO 3166 (“DE”, “BY”), from and to are dates. An interval is [from, to, state], in minutes on the
// wall's clock since 1970, in the time zone of this process (TZ).
import { createInterface } from "node:readline";
import OpeningHours from "opening_hours";

const wall = (date) =>
  Date.UTC(date.getFullYear(), date.getMonth(), date.getDate(), date.getHours(), date.getMinutes()) / 60_000;
const moment = (text) => new Date(`${text}T00:00:00`);

function intervals({ text, country, state, lat, lon, from, to }) {
  const address = { country_code: country.toLowerCase() };
  if (state) address["ISO3166-2-lvl4"] = `${country}-${state}`;
  const place = { lat: String(lat), lon: String(lon), address }; // numbers are not looked at
  const iterator = new OpeningHours(text, place, { locale: "en" }).getIterator(moment(from));
  const end = moment(to);
  const found = [];
  let since = moment(from);
  for (;;) {
    const state = iterator.getStateString(undefined, true);
    const goesOn = iterator.advance(end);
    const until = goesOn && iterator.getDate() < end ? iterator.getDate() : end;
    found.push([wall(since), wall(until), state]);
    if (until >= end) return found;
    since = until;
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = { intervals: intervals(JSON.parse(line)) };
  } catch (error) {
    answer = { refused: String(error.message ?? error).split("\n")[0] };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
