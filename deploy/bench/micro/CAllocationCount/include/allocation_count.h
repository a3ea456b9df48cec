#ifndef ALLOCATION_COUNT_H
#define ALLOCATION_COUNT_H

/// How often the calling thread has asked for memory: malloc, calloc, realloc and their aligned
/// relatives, from any library.
unsigned long long allocation_count(void);

#endif
