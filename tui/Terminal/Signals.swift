internal import CNCurses

/// What came by signal since the last look.
struct Signals: OptionSet {
    let rawValue: UInt32

    static let resized = Signals(rawValue: UInt32(CN_RESIZED))
    static let stop = Signals(rawValue: UInt32(CN_STOP_ASKED))
    static let continued = Signals(rawValue: UInt32(CN_CONTINUED))
    static let terminated = Signals(rawValue: UInt32(CN_TERMINATED))
    static let hungUp = Signals(rawValue: UInt32(CN_HUNG_UP))
    static let interrupted = Signals(rawValue: UInt32(CN_INTERRUPTED))

    /// Those that have come, which are then forgotten.
    static func taken() -> Signals { Signals(rawValue: cn_taken_signals()) }
}
