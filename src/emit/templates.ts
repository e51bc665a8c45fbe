import Handlebars from "handlebars";
import { assetText } from "../assets.js";

export type View = Readonly<Record<string, string | number | boolean>>;

const compiled = new Map<string, (view: View) => string>();

/**
 * Fills a template of `templates/`. Templates hold layout only: a missing value is an error, nothing
 * is escaped, and the only helper they use is `if`.
 */
export function render(path: string, view: View): string {
  let template = compiled.get(path);
  if (template === undefined) {
    template = Handlebars.compile<View>(assetText(`templates/${path}`), {
      strict: true,
      noEscape: true,
      knownHelpersOnly: true,
    });
    compiled.set(path, template);
  }
  return template(view);
}
