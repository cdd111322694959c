/** `Nobody can.`, which is not known where not everything could be read: then it is `Nobody can in what could be read.` */
export const nothingFound = (sentence: string, isWhole: boolean): string =>
  isWhole ? sentence : `${sentence.replace(/\.$/, "")} in what could be read.`;
