import { usageError } from "../../errors.ts";
import { hasLicense } from "../../install/license.ts";
import { renderOperator } from "../../install/render.ts";
import { secretTexts } from "../../install/secrets.ts";
import { withStoredValues } from "../../install/stored-values.ts";
import { mergeValues } from "../../install/set-values.ts";
import { readValues } from "../../install/values.ts";
import { readManifests } from "../../kube/manifests/folder.ts";
import { referenceText, type KubernetesObject } from "../../kubernetes/object.ts";
import { givenValues, type ValueOptions } from "./given-values.ts";

export interface SourceOptions extends ValueOptions {
  file?: readonly string[];
}

/** What is to be installed. */
export interface Source {
  objects: KubernetesObject[];
  /** Of what is namespaced and says none; undefined: the one of the context. */
  namespace: string | undefined;
  /** Texts that must not be shown, wherever they turn up. */
  secrets: string[];
  /** What of the files is not applied. */
  hooks: string[];
}

/** The objects of values or of files. Throws UserError "usage". */
export function readSource(options: SourceOptions, { withoutLicense = false } = {}): Source {
  const { file = [] } = options;
  return file.length === 0 ? fromValues(options, withoutLicense) : fromFiles(file, options);
}

function fromValues(options: ValueOptions, withoutLicense: boolean): Source {
  const typed = givenValues(options);
  const values = readValues(typed);
  const given = withoutLicense && !hasLicense(values) ? mergeValues(typed, ANY_LICENSE) : typed;
  const namespace = values.text("namespace");
  // Helm's release can be in another namespace; the operator reads credentials of other clusters in its own only.
  const objects = renderOperator(given, { name: "mirrord-operator", namespace });
  return { objects: withStoredValues(objects, typed), namespace, secrets: secretTexts(values), hooks: [] };
}

/** What is looked at only is the same with any. */
const ANY_LICENSE = { license: { keyRef: "licence" } };

/** Helm would run them at a point of its own; applied, they would run now. */
const HOOK = "helm.sh/hook";

function fromFiles(paths: readonly string[], { namespace }: ValueOptions): Source {
  const all = readManifests(paths).flatMap(({ documents }) => documents.flatMap(({ objects }) => objects));
  const isHook = ({ metadata }: KubernetesObject) => metadata.annotations?.[HOOK] !== undefined;
  const objects = all.filter((object) => !isHook(object));
  if (objects.length === 0) throw usageError(`there is nothing to install in ${paths.join(", ")}`);
  return { objects, namespace, secrets: [], hooks: all.filter(isHook).map(hookName) };
}

function hookName({ kind, metadata: { name = "", namespace } }: KubernetesObject): string {
  return referenceText({ kind, name, ...(namespace === undefined ? {} : { namespace }) });
}
