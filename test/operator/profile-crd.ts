/** The definition of profiles for the whole cluster; it takes whatever is in them. */
export const profileCrd = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "mirrordclusterprofiles.profiles.mirrord.metalbear.co" },
  spec: {
    group: "profiles.mirrord.metalbear.co",
    scope: "Cluster",
    names: {
      kind: "MirrordClusterProfile",
      plural: "mirrordclusterprofiles",
      singular: "mirrordclusterprofile",
      listKind: "MirrordClusterProfileList",
    },
    versions: [
      {
        name: "v1alpha",
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
      },
    ],
  },
};
