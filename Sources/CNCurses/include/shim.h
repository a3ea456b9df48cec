// The wide-character ncurses as Swift can see it: what is a macro, variadic or a mutable global in
// the C header has a plain function here. See signals.c for the part that must run in a handler.
#ifndef CNCURSES_SHIM_H
#define CNCURSES_SHIM_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <term.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

/// newterm on this process's own input and output; NULL where the type is not known.
static inline SCREEN *cn_new_terminal(const char *type) { return newterm(type, stdout, stdin); }
/// Forgets what setupterm loaded.
static inline void cn_forget_type(void) {
    if (cur_term != NULL) del_curterm(cur_term);
}
/// Whether the caller is the process's first thread, the only one curses hears of a resize on.
static inline int cn_is_main_thread(void) { return gettid() == getpid(); }
/// A counter to wake poll with; -1 on failure.
static inline int cn_event_descriptor(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

static inline WINDOW *cn_screen(void) { return stdscr; }
static inline WINDOW *cn_current_screen(void) { return curscr; }
static inline int cn_colours(void) { return COLORS; }
static inline int cn_pairs(void) { return COLOR_PAIRS; }

static const attr_t CN_BOLD = A_BOLD;
static const attr_t CN_DIM = A_DIM;
static const attr_t CN_UNDERLINE = A_UNDERLINE;
static const attr_t CN_REVERSE = A_REVERSE;

/// Fills a curses cell with a base character and its marks, ended by NUL, in an extended pair.
static inline int cn_cell(cchar_t *cell, const wchar_t *text, attr_t attributes, int pair) {
    return setcchar(cell, text, attributes, 0, &pair);
}

/// The rows and columns of the terminal behind a descriptor; 0 when it says so, -1 when not.
static inline int cn_window_size(int descriptor, int *height, int *width) {
    struct winsize size;
    if (ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) return -1;
    *height = size.ws_row;
    *width = size.ws_col;
    return 0;
}

extern int wcwidth(wchar_t character);

/// What came by signal since the last look: one bit per kind.
enum {
    CN_RESIZED = 1,
    CN_STOP_ASKED = 2,
    CN_CONTINUED = 4,
    CN_TERMINATED = 8,
    CN_HUNG_UP = 16,
    CN_INTERRUPTED = 32,
};

/// Takes over the signals of a screen; each sets its bit and writes to `wake`, an eventfd.
/// To be called before newterm, which leaves alone what is already handled.
void cn_take_signals(int wake);
/// The bits set since the last call, cleared by it.
unsigned cn_taken_signals(void);
/// Gives the signals back to whoever had them.
void cn_give_signals_back(void);
/// Stops the process group as the terminal's own Ctrl-Z would; returns when it goes on.
void cn_stop_here(void);

/// From now on a crash writes `reset` to `terminal`, puts back the line settings that `terminal`
/// has now and gives descriptor 2 back to `errors` (-1: leaves it), before the crash goes on.
int cn_guard_crash(int terminal, const char *reset, int length, int errors);
/// Ends that.
void cn_end_guard(void);

#endif
