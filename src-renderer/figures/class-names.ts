/** Names of the classes of data sets that everyone calls the same, by the data set's name without case or dashes. */
const known: Record<string, readonly string[]> = {
  fashionmnist: 'T-shirt|Trouser|Pullover|Dress|Coat|Sandal|Shirt|Sneaker|Bag|Ankle boot'.split('|'),
  cifar10: 'airplane|automobile|bird|cat|deer|dog|frog|horse|ship|truck'.split('|')
}

/** Name of a class: from `names`, else the data set's own, else `class 7`. */
export function nameClass(index: number, dataset: string, names: readonly string[] = []): string {
  const own = known[dataset.toLowerCase().replace(/[^a-z0-9]/g, '')]
  return names[index] ?? own?.[index] ?? `class ${index}`
}
