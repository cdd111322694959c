import type { World } from "../../cli/world.ts";
import { timestamp } from "../../text/instant.ts";
import type { HtmlReport } from "../../view/html/report.ts";

/** What a page says beside where and when it was made. */
export type PageContent = Pick<HtmlReport, "title"> &
  Partial<Pick<HtmlReport, "facts" | "findings" | "matrix" | "rules">>;

/** `-o html`: one file, with all that it needs in it. Few runs print one, so it is loaded here. */
export async function printPage(
  content: PageContent,
  { place, now, missing }: { place: string; now: Date; missing: readonly string[] },
  printer: Pick<World, "document">,
): Promise<void> {
  const { htmlReport } = await import("../../view/html/report.ts");
  const made = timestamp(now.getTime());
  printer.document(htmlReport({ facts: [], rules: [], ...content, place, made, missing }));
}
