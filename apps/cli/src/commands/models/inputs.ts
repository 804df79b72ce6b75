export const inputsInWords = { numbers: "numbers of any shape", images: "images", tokens: "texts as token ids" } as const;
