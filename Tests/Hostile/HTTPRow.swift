import JSON
import TestShop

/// One hostile request and what it must get.
struct HTTPRow: Sendable {
    let name: String
    let door: Shop.Daemon
    /// Sent one after the other.
    let parts: [[UInt8]]
    /// The statuses that may come, all of which are documented; 0 stands for an end without answer.
    let statuses: Set<Int>

    init(
        _ name: String, at door: Shop.Daemon = .gateway, _ parts: [[UInt8]],
        _ statuses: Set<Int>
    ) {
        self.name = "\(door.rawValue): \(name)"
        self.door = door
        self.parts = parts
        self.statuses = statuses
    }

    /// A request whose syntax is in order.
    init(
        _ name: String, at door: Shop.Daemon = .gateway, _ method: String, _ target: String,
        type: String? = "application/json", fields: [String] = [], body: [UInt8]? = nil,
        _ statuses: Set<Int>
    ) {
        var head = ["\(method) \(target) HTTP/1.1", "Host: x", "Connection: close"] + fields
        if let body {
            head.append("Content-Length: \(body.count)")
            if let type { head.append("Content-Type: \(type)") }
        }
        let bytes = Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8)
        self.init(name, at: door, [bytes + (body ?? [])], statuses)
    }

    /// Bytes that need not be a request, written as text.
    static func raw(
        _ name: String, at door: Shop.Daemon = .gateway, _ text: String, _ statuses: Set<Int>
    ) -> HTTPRow {
        HTTPRow(name, at: door, [Array(text.utf8)], statuses)
    }
}

/// What a door made of a row.
struct HTTPOutcome {
    /// The status of each answer, in order.
    let statuses: [Int]
    /// What is wrong with the answers, whatever their status.
    let complaints: [String]

    /// Takes the answers apart by their Content-Length.
    init(_ bytes: [UInt8]) {
        var rest = bytes[...]
        var statuses: [Int] = []
        var complaints: [String] = []
        while let head = HTTPHead(&rest) {
            statuses.append(head.status)
            let body = Array(rest.prefix(head.length ?? rest.count))
            rest = rest.dropFirst(body.count)
            if head.status >= 400, !head.isBodyless {
                let detail = (try? JSONValue(parsing: body))?["detail"]
                if detail == nil {
                    complaints.append("no detail: \(String(decoding: body, as: UTF8.self))")
                }
            }
            if head.status == 500 { complaints.append("a fault of ours") }
            if [429, 503].contains(head.status), !head.hasRetryAfter {
                complaints.append("no Retry-After")
            }
        }
        if !rest.isEmpty { complaints.append("\(rest.count) bytes that are no answer") }
        self.statuses = statuses
        self.complaints = complaints
    }
}

/// The head of an answer.
struct HTTPHead {
    let status: Int
    let length: Int?
    let hasRetryAfter: Bool
    var isBodyless: Bool { length == 0 }

    /// Takes a head off the front; nil where there is none, or not all of it.
    init?(_ bytes: inout ArraySlice<UInt8>) {
        let end = Array("\r\n\r\n".utf8)
        guard bytes.starts(with: Array("HTTP/1.1 ".utf8)),
            let start = bytes.indices.first(where: { bytes[$0...].starts(with: end) })
        else { return nil }
        let lines = String(decoding: bytes[..<start], as: UTF8.self).split(separator: "\r\n")
        status = lines.first.flatMap { Int($0.split(separator: " ")[1]) } ?? -1
        let fields = lines.dropFirst().map { $0.lowercased() }
        length = fields.first { $0.hasPrefix("content-length:") }
            .flatMap { $0.split(separator: " ").last.flatMap { Int($0) } }
        hasRetryAfter = fields.contains { $0.hasPrefix("retry-after:") }
        bytes = bytes[(start + end.count)...]
    }

    /// Whether a whole answer has come.
    static func isWhole(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        guard let head = HTTPHead(&rest), let length = head.length else { return false }
        return rest.count >= length
    }
}
