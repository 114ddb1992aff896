/** How much one batch takes at most where nobody says otherwise: files of a folder, rows of a table. */
export const defaultLimits = { maxFilesPerTrigger: 20_000, maxRowsPerTrigger: 100_000 } as const;
