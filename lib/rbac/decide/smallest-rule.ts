import { isPathQuestion, type Question } from "./question.ts";
import type { PolicyRule } from "../types.ts";

/** The rule that allows this one question and, as far as a rule can say it, nothing else. */
export function smallestRule(question: Question): PolicyRule {
  if (isPathQuestion(question)) return { nonResourceURLs: [question.path], verbs: [question.verb] };
  const { apiGroup, resource, name, verb } = question;
  return {
    apiGroups: [apiGroup],
    resources: [resource],
    verbs: [verb],
    ...(name === "" ? {} : { resourceNames: [name] }),
  };
}
