// What Debian's C++ library asks of glibc and musl does not have; see musl-environment.ts.
#include <stddef.h>
#include <sys/random.h>
#include <time.h>

char __libc_single_threaded = 0;
unsigned __cpu_model[4];

int __cpu_indicator_init(void) { return 0; }

unsigned arc4random(void) {
  unsigned value = 0;
  getrandom(&value, sizeof value, 0);
  return value;
}

size_t __strftime_l(char *text, size_t size, const char *format, const struct tm *time, void *locale) {
  (void)locale;
  return strftime(text, size, format, time);
}

// Destructors of a thread's variables are not run.
int __cxa_thread_atexit_impl(void (*destructor)(void *), void *object, void *library) {
  (void)destructor;
  (void)object;
  (void)library;
  return 0;
}

// Not found: the unwinder asks dl_iterate_phdr then.
int _dl_find_object(void *address, void *result) {
  (void)address;
  (void)result;
  return -1;
}
