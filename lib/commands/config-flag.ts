/** What a bare `-f` stands for: no file has an empty name. */
export const BARE_CONFIG = "";
