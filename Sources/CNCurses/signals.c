// What runs inside a signal handler, where only async-signal-safe calls may be made: hence C.

#include "shim.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static const int taken[] = {SIGWINCH, SIGTSTP, SIGCONT, SIGTERM, SIGHUP, SIGINT};
static const unsigned bits[] = {
    CN_RESIZED, CN_STOP_ASKED, CN_CONTINUED, CN_TERMINATED, CN_HUNG_UP, CN_INTERRUPTED,
};
static struct sigaction before[COUNT(taken)];
static atomic_uint pending;
static atomic_int wake_descriptor = -1;

static void note(int number) {
    int saved = errno;
    for (size_t i = 0; i < COUNT(taken); i++) {
        if (taken[i] == number) atomic_fetch_or(&pending, bits[i]);
    }
    uint64_t one = 1;
    ssize_t written = write(atomic_load(&wake_descriptor), &one, sizeof one);
    (void)written;
    errno = saved;
}

void cn_take_signals(int wake) {
    atomic_store(&wake_descriptor, wake);
    atomic_store(&pending, 0);
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = note;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigset_t ours;
    sigemptyset(&ours);
    for (size_t i = 0; i < COUNT(taken); i++) {
        sigaction(taken[i], &action, &before[i]);
        sigaddset(&ours, taken[i]);
    }
    // Whoever started us may have had them blocked, and a mask is inherited.
    pthread_sigmask(SIG_UNBLOCK, &ours, NULL);
}

unsigned cn_taken_signals(void) { return atomic_exchange(&pending, 0); }

void cn_give_signals_back(void) {
    for (size_t i = 0; i < COUNT(taken); i++) sigaction(taken[i], &before[i], NULL);
    atomic_store(&wake_descriptor, -1);
}

void cn_stop_here(void) {
    struct sigaction plain, ours;
    memset(&plain, 0, sizeof plain);
    plain.sa_handler = SIG_DFL;
    sigemptyset(&plain.sa_mask);
    sigaction(SIGTSTP, &plain, &ours);
    // The whole group, as the terminal does it: a `make` in front of us stops too.
    kill(0, SIGTSTP);
    sigaction(SIGTSTP, &ours, NULL);
}

// MARK: Crashes.

static const int crashes[] = {SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT};
static struct sigaction runtime[COUNT(crashes)];
static struct termios line_settings;
static int guarded_terminal = -1;
static int guarded_errors = -1;
static char guarded_reset[512];
static int guarded_length;
static atomic_flag has_reset = ATOMIC_FLAG_INIT;
static char own_stack[64 * 1024];

static void crash(int number, siginfo_t *info, void *context) {
    (void)context;
    int saved = errno;
    if (!atomic_flag_test_and_set(&has_reset) && guarded_terminal >= 0) {
        ssize_t written = write(guarded_terminal, guarded_reset, (size_t)guarded_length);
        (void)written;
        tcsetattr(guarded_terminal, TCSANOW, &line_settings);
        if (guarded_errors >= 0) dup2(guarded_errors, STDERR_FILENO);
    }
    for (size_t i = 0; i < COUNT(crashes); i++) sigaction(crashes[i], &runtime[i], NULL);
    // A fault happens again on return, before the handler that was there; one that was sent does not.
    if (info->si_code <= 0) raise(number);
    errno = saved;
}

int cn_guard_crash(int terminal, const char *reset, int length, int errors) {
    if (length > (int)sizeof guarded_reset) return -1;
    if (tcgetattr(terminal, &line_settings) != 0) return -1;
    memcpy(guarded_reset, reset, (size_t)length);
    guarded_length = length;
    guarded_terminal = terminal;
    guarded_errors = errors;
    atomic_flag_clear(&has_reset);
    stack_t stack;
    if (sigaltstack(NULL, &stack) == 0 && (stack.ss_flags & SS_DISABLE)) {
        stack.ss_sp = own_stack;
        stack.ss_size = sizeof own_stack;
        stack.ss_flags = 0;
        sigaltstack(&stack, NULL);
    }
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = crash;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < COUNT(crashes); i++) sigaction(crashes[i], &action, &runtime[i]);
    return 0;
}

void cn_end_guard(void) {
    if (guarded_terminal < 0) return;
    for (size_t i = 0; i < COUNT(crashes); i++) sigaction(crashes[i], &runtime[i], NULL);
    guarded_terminal = -1;
}
