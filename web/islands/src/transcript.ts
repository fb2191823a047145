// The record of an interview that is over: the server filters, searches and pages it; this only helps with addresses.
import { layOut } from "./laying.js";
import { pointing } from "./pointing.js";

pointing();
const whole = document.querySelector<HTMLElement>(".record-all");
if (whole) layOut(whole);

// An address that names an item and no page: the server cannot see it, so it is asked for the page that has it.
const wanted = /^#([qn]\d+)$/.exec(location.hash)?.[1];
if (wanted && !document.getElementById(wanted) && new URLSearchParams(location.search).get("at") !== wanted) {
  location.replace(`${location.pathname}?at=${wanted}#${wanted}`);
}
