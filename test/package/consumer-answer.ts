const names = ['p', 'q'];

/** What `consumer/main.ts` prints. */
export const consumerAnswer = {
  mistakes: 8,
  result: 19,
  many: 3,
  yes: true,
  value: 2,
  sum: 3,
  pageSize: true,
  taken: [names, names],
};
