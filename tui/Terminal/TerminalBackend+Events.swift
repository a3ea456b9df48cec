internal import CNCurses
internal import Glibc
import KassaModel
import KassaView

extension TerminalBackend {
    /// What has come, after a wait of at most so many milliseconds for the first of it.
    ///
    /// Returns early, maybe with nothing, when a signal or ``TerminalWaker/wake()`` ends the wait.
    package func events(upTo milliseconds: Int) -> [TerminalEvent] {
        guard isOpen else { return [.lost] }
        let patience = reader.isPasting ? min(milliseconds, 50) : milliseconds
        var sources = [
            pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
            pollfd(fd: waker.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: alarm.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        if poll(&sources, 3, Int32(clamping: max(0, patience))) < 0 {
            // A signal came, and has written to the descriptor by now.
            _ = poll(&sources, 3, 0)
        }
        var events: [TerminalEvent] = []
        if sources[1].revents != 0 {
            waker.drain()
            events.append(.woken)
        }
        if sources[2].revents != 0 { alarm.drain() }
        events += signalled()
        let input = Int32(sources[0].revents)
        let inputs = typed()
        if !inputs.isEmpty {
            emptyReads = 0
        } else if input & Int32(POLLIN) != 0, !reader.isPasting {
            emptyReads += 1
        }
        // An input that is always ready and never holds anything is at its end.
        if input & Int32(POLLHUP | POLLERR | POLLNVAL) != 0 || emptyReads > 50 {
            return events + inputs + [.lost]
        }
        return events + inputs
    }

    /// Stops as Ctrl-Z does, and returns when the shell brings the process back.
    package func suspend() {
        guard isOpen else { return }
        leaveScreen()
        restoreErrors()
        cn_stop_here()
        // What stopped and continued us is told by returning; the rest is for the next look.
        held.formUnion(Signals.taken().subtracting([.stop, .continued]))
        comeBack()
    }

    private func comeBack() {
        silenceErrors()
        reset_prog_mode()
        takeSize()
        setModes()
        redraw()
        if let frame { draw(frame) }
    }

    private func typed() -> [TerminalEvent] {
        let (inputs, hasMore) = reader.drain(at: Self.now())
        if hasMore { alarm.wake() }
        return inputs.map { input in
            switch input {
            case .key(let key): .input(.key(key))
            case .paste(let text): .input(.paste(text))
            case .mouse(let action, let column, let row):
                .input(
                    .mouse(
                        Mouse(
                            action: action,
                            target: frame?.target(at: Frame.Place(column: column, row: row)))))
            }
        }
    }

    private func signalled() -> [TerminalEvent] {
        var events: [TerminalEvent] = []
        let signals = Signals.taken().union(held)
        held = []
        if signals.contains(.stop) {
            suspend()
            events.append(.resumed)
        } else if signals.contains(.continued) {
            comeBack()
            events.append(.resumed)
        }
        if signals.contains(.resized), takeSize() {
            redraw()
            events.append(.input(.resize(size)))
        }
        if signals.contains(.interrupted) { events.append(.terminate(signal: SIGINT)) }
        if signals.contains(.terminated) { events.append(.terminate(signal: SIGTERM)) }
        if signals.contains(.hungUp) { events.append(.terminate(signal: SIGHUP)) }
        return events
    }

    /// Asks the terminal for its size; true where it changed.
    @discardableResult
    func takeSize() -> Bool {
        var rows: Int32 = 0
        var columns: Int32 = 0
        if cn_window_size(STDOUT_FILENO, &rows, &columns) != 0 {
            rows = getmaxy(cn_screen())
            columns = getmaxx(cn_screen())
        }
        if rows != getmaxy(cn_screen()) || columns != getmaxx(cn_screen()) {
            resize_term(rows, columns)
        }
        let now = Size(columns: Int(columns), rows: Int(rows))
        defer { size = now }
        return now != size
    }

    private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}
