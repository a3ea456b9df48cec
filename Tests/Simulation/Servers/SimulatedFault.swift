import SharedKernel

/// What a server or the way to it did to a call.
enum SimulatedFault: TransientFault, UncertainFault {
    /// The call did not reach the server.
    case unreachable
    /// Another transaction stood in the way; this one was rolled back.
    case conflict
    /// The answer was lost: whether the work was done is unknown.
    case outcomeUnknown

    var isTransient: Bool { true }
    var isUncertain: Bool { self == .outcomeUnknown }
}
