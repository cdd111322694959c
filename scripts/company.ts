// A company on the example cluster: two organizations, four teams, three collections; for `npm run demo` and `npm run cluster`.

/** Who belongs where, and what is where. */
export const companyParts: readonly string[] = [
  "kubectl mirrord grant org create acme",
  "kubectl mirrord grant org create beta",
  "kubectl mirrord grant team create acme/web",
  "kubectl mirrord grant team create acme/data",
  "kubectl mirrord grant team create beta/shop",
  "kubectl mirrord grant team create beta/support",
  "kubectl mirrord grant team add acme/web ann max",
  "kubectl mirrord grant team add acme/data group:oidc:data",
  "kubectl mirrord grant team add beta/shop eve",
  "kubectl mirrord grant team add beta/support zoe",
  "kubectl mirrord grant collection create prod/web",
  "kubectl mirrord grant collection create test",
  "kubectl mirrord grant collection assign prod/web --ns dev",
  "kubectl mirrord grant collection assign test --ns qa",
];

/** Who may use mirrord where: a folder guards the labels of its namespaces, and on the cluster the access model does. */
export const companyGrants: readonly string[] = [
  "kubectl mirrord grant team:acme/web --collection prod/web",
  "kubectl mirrord grant team:beta/shop --collection test",
  "kubectl mirrord grant org:beta --collection prod --role view",
];

/** What follows from them, and what changes with who belongs where. */
export const companyQuestions: readonly string[] = [
  "kubectl mirrord grant collection tree",
  "kubectl mirrord grant matrix",
  "kubectl mirrord grant team remove acme/web max",
];
