import t from "tap";
import { nothingFound } from "../../lib/view/nothing-found.ts";

t.equal(nothingFound("Nobody can.", true), "Nobody can.");
t.equal(nothingFound("Nobody can.", false), "Nobody can in what could be read.");
