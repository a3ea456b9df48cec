import TestShop

/// A kind of fault: the rows of the report.
enum FaultKind: String, CaseIterable, Sendable {
    case failpoint = "failpoint (SIGKILL at a step)"
    case kill = "kill -9 of a daemon"
    case drain = "SIGTERM under load"
    case freeze = "SIGSTOP of a daemon"
    case twin = "second instance comes and dies"
    case cut = "connections cut"
    case refusal = "connections refused"
    case silence = "blackhole"
    case slow = "delay"
    case crumbs = "byte-split"
    case brokerCloses = "broker closes all connections"
    case brokerStops = "broker stop_app, start_app"
    case brokerDies = "broker kill -9"
    case brokerFreezes = "broker SIGSTOP"
    case alarm = "broker memory alarm"
    case purge = "queue purged"
    case delete = "queue deleted"
    case sessions = "PostgreSQL ends sessions, every 50 ms"
    case databaseCrash = "PostgreSQL immediate restart"
    case databaseDown = "PostgreSQL kill -9, down for a while"
    case databaseFreezes = "PostgreSQL SIGSTOP"
    case diskFull = "PostgreSQL's disk full"
    case lockStorm = "lock storm on one account"
    case duplicates = "messages doubled"
    case contradictions = "contrary outcomes"
    case poison = "poison"

    /// What it takes hold of: two faults at the same time have different ones.
    var ground: Ground {
        switch self {
        case .failpoint, .kill, .drain, .freeze: .daemon
        case .twin: .twin
        case .cut, .refusal, .silence, .slow, .crumbs: .network
        case .brokerCloses, .brokerStops, .brokerDies, .brokerFreezes, .alarm, .purge, .delete:
            .broker
        case .sessions, .databaseCrash, .databaseDown, .databaseFreezes, .diskFull, .lockStorm:
            .database
        case .duplicates, .contradictions, .poison: .messages
        }
    }

    /// A part of the shop that one fault at a time takes hold of.
    enum Ground: Hashable, Sendable { case daemon, twin, network, broker, database, messages }
}

/// One fault with all that is left to chance in it, so that a seed says everything.
struct Strike: Hashable, Sendable, CustomStringConvertible {
    /// A way from a service to a server.
    struct Way: Hashable, Sendable {
        let service: Shop.Daemon
        let isBroker: Bool
    }

    let kind: FaultKind
    /// Of the faults that concern one.
    let daemon: Shop.Daemon
    /// Of ``FaultKind/failpoint``: its name and how many visits it lets pass.
    let point: String
    /// Of the faults on the network: those that it concerns.
    let ways: [Way]
    /// How long it lasts, of those that last.
    let milliseconds: Int
    /// How often, or which of several.
    let number: Int

    /// Of those that last.
    var duration: Duration { .milliseconds(milliseconds) }

    var description: String {
        switch kind {
        case .failpoint: "\(daemon.rawValue) dies at \(point)"
        case .kill: "\(daemon.rawValue) kill -9"
        case .drain: "\(daemon.rawValue) SIGTERM"
        case .freeze: "\(daemon.rawValue) SIGSTOP, \(milliseconds) ms"
        case .cut, .refusal, .silence, .slow, .crumbs:
            "\(kind.rawValue): "
                + ways.map { "\($0.service) to \($0.isBroker ? "broker" : "database")" }
                .joined(separator: ", ")
        default: kind.rawValue
        }
    }
}
