/* See deadlines.h. SPDX-License-Identifier: Apache-2.0 */
#include "deadlines.h"

#include <stdlib.h>
#include <string.h>

bool deadlines_reserve(struct deadlines *all, int capacity)
{
	int64_t *at;
	int *place, *heap;

	if (capacity <= all->capacity)
		return true;
	if ((at = realloc(all->at, capacity * sizeof(*at))))
		all->at = at;
	if ((place = realloc(all->place, capacity * sizeof(*place))))
		all->place = place;
	if ((heap = realloc(all->heap, capacity * sizeof(*heap))))
		all->heap = heap;
	if (!at || !place || !heap)
		return false;
	memset(place + all->capacity, 0, (capacity - all->capacity) * sizeof(*place));
	all->capacity = capacity;
	return true;
}

void deadlines_free(struct deadlines *all)
{
	free(all->at);
	free(all->place);
	free(all->heap);
}

static void put(struct deadlines *all, int where, int number)
{
	all->heap[where] = number;
	all->place[number] = where + 1;
}

static void up(struct deadlines *all, int where, int number)
{
	while (where > 0) {
		int parent = (where - 1) / 2;

		if (all->at[all->heap[parent]] <= all->at[number])
			break;
		put(all, where, all->heap[parent]);
		where = parent;
	}
	put(all, where, number);
}

static void down(struct deadlines *all, int where, int number)
{
	for (;;) {
		int child = 2 * where + 1;

		if (child >= all->count)
			break;
		if (child + 1 < all->count && all->at[all->heap[child + 1]] < all->at[all->heap[child]])
			child++;
		if (all->at[all->heap[child]] >= all->at[number])
			break;
		put(all, where, all->heap[child]);
		where = child;
	}
	put(all, where, number);
}

void deadlines_remove(struct deadlines *all, int number)
{
	int where = all->place[number] - 1;
	int last;

	if (where < 0)
		return;
	all->place[number] = 0;
	last = all->heap[--all->count];
	if (last == number)
		return;
	if (all->at[last] < all->at[number])
		up(all, where, last);
	else
		down(all, where, last);
}

bool deadlines_has(const struct deadlines *all, int number)
{
	return all->place[number] != 0;
}

void deadlines_set(struct deadlines *all, int number, int64_t at)
{
	deadlines_remove(all, number);
	all->at[number] = at;
	up(all, all->count++, number);
}

int deadlines_first(const struct deadlines *all)
{
	return all->count > 0 ? all->heap[0] : -1;
}

int64_t deadlines_at(const struct deadlines *all, int number)
{
	return all->at[number];
}
