import Access
import Hummingbird
import JSON
package import Messaging
package import ServiceHost
import SharedKernel

/// The operator's door to a service's parked messages: to look, to rehearse, to decide.
package struct ParkedRoutes: Sendable {
    private let desk: ParkingDesk
    private let path: String
    private let service: String

    /// - Parameters:
    ///   - service: its name in paths, `orders` or `payments`.
    ///   - desk: where it is decided.
    package init(_ service: String, desk: ParkingDesk) {
        self.service = service
        self.desk = desk
        path = "/parked/\(service)"
    }

    /// Adds the routes.
    package func add(to router: ServiceRouter) {
        router.get(path, list)
        router.get("\(path)/{parked_id}", show)
        router.get("\(path)/{parked_id}/rehearsal", rehearse)
        router.post("\(path)/{parked_id}/replay", replay)
        router.post("\(path)/{parked_id}/discard", discard)
    }

    private func list(_ request: Request, _ context: KassaRequestContext) async throws -> Response {
        let (state, before, limit) = try RequestFields.read(RequestFields(query: request)) {
            fields -> (ParkedRow.State?, Int64?, Int) in
            let state = fields.optionalWord("state", of: ParkedRow.State.allCases.map(\.rawValue))
            let before = fields.optionalText("before")
            let bound = before.flatMap { Int64($0) }
            if before != nil, bound == nil {
                fields.refuse(
                    "before", type: "int_parsing",
                    msg: "Input should be a valid integer, unable to parse string as an integer")
            }
            return (state.flatMap(ParkedRow.State.init), bound, fields.limit())
        }
        let rows = try await desk.list(state: state, before: before, limit: limit)
        return JSONValue.array(rows.map { .object(members(of: $0)) }).response()
    }

    private func show(_ request: Request, _ context: KassaRequestContext) async throws -> Response {
        guard let record = try await desk.find(try id(context)) else { throw Self.notFound }
        var members = members(of: record.row)
        let body = record.delivery.body
        if let text = String(validating: body, as: UTF8.self) {
            members.append(.init("body", .string(text)))
        } else {
            members.append(.init("body_hex", .string(Self.hexadecimal(body))))
        }
        let headers = record.delivery.headers.sorted { $0.key < $1.key }
        members += [
            .init("headers", .object(headers.map { .init($0.key, .string($0.value)) })),
            .init("actions", .array(record.actions.map(\.json))),
        ]
        return JSONValue.object(members).response()
    }

    private func rehearse(
        _ request: Request, _ context: KassaRequestContext
    ) async throws -> Response {
        let (id, believing) = (try id(context), try believing(request))
        return try await answer(id) { try await desk.rehearse(id, believing: believing) }
    }

    private func replay(
        _ request: Request, _ context: KassaRequestContext
    ) async throws -> Response {
        let (id, believing) = (try id(context), try believing(request))
        return try await answer(id) {
            try await desk.replay(id, by: context.caller.name, believing: believing)
        }
    }

    private func discard(
        _ request: Request, _ context: KassaRequestContext
    ) async throws -> Response {
        let id = try id(context)
        return try await answer(id) { try await desk.discard(id, by: context.caller.name) }
    }

    private func answer(
        _ id: Int64, _ ask: () async throws -> ReplayOutcome
    ) async throws -> Response {
        do {
            let outcome = try await ask()
            let body: JSONValue = [
                "id": .string("\(service)/\(id)"), "handled": .boolean(outcome.isHandled),
                "words": .string(outcome.words),
            ]
            return body.response()
        } catch let refusal as ParkingDesk.Refusal {
            switch refusal {
            case .notFound: throw Self.notFound
            case .decided(let state):
                throw HTTPFault(.conflict, "The message was \(state.rawValue) before")
            }
        }
    }

    private func believing(_ request: Request) throws -> Bool {
        let word = try RequestFields.read(RequestFields(query: request)) { fields in
            fields.optionalWord("believe_sender", of: ["true", "false"]) ?? "false"
        }
        return word == "true"
    }

    private func id(_ context: KassaRequestContext) throws(HTTPFault) -> Int64 {
        guard let id = context.pathText("parked_id").flatMap({ Int64($0) }) else {
            throw Self.notFound
        }
        return id
    }

    private static var notFound: HTTPFault { HTTPFault(.notFound, "Parked message not found") }

    private func members(of row: ParkedRow) -> [JSONValue.Member] {
        var members: [JSONValue.Member] = [
            .init("id", .string("\(service)/\(row.id)")), .init("queue", .string(row.queue)),
            .init("reason", .string(row.reason)), .init("state", .string(row.state.rawValue)),
            .init("parked_at", .string(row.parkedAt.description)),
            .init("bytes", .integer(row.length)), .init("cut", .boolean(row.isCut)),
        ]
        if let id = row.messageID { members.append(.init("message_id", .string(id.description))) }
        if let type = row.type { members.append(.init("type", .string(type))) }
        if let sender = row.sender { members.append(.init("sender", .string(sender))) }
        return members
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
            as: UTF8.self)
    }
}

extension ParkedAction {
    fileprivate var json: JSONValue {
        [
            "action": .string(kind.rawValue), "caller": .string(caller),
            "at": .string(begunAt.description), "result": result.map { .string($0) } ?? .null,
        ]
    }
}
