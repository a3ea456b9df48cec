import Foundation
import JSON
import SharedKernel

/// Values of the usual size to measure with.
enum Samples {
    static let ids = UUIDv7Source()
    static let idText = "019355ab-7c10-7def-8a00-a1b2c3d40001"
    static let moment = Timestamp(microseconds: 1_795_356_202_418_731)
    static let momentText = "2026-11-22T14:43:22.418731Z"
    static let requestText = """
        {"user_id": "customer-0042", "amount": 42.50, "description": "Two tickets, row 7"}
        """
    static let headers = [
        "x-request-id": "4f0c7a52d1b94c0d8e6f3a21b7c95e10",
        "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "tracestate": "vendor=opaque",
    ]

    static func created(_ number: Int = 0) throws -> OrderCreated {
        try OrderCreated(
            orderID: ids.nextOrderID(), userID: UserID("customer-00\(10 + number)"),
            amount: Amount(Money(minorUnits: Int64(4_250 + number))),
            description: OrderDescription("Two tickets, row 7"))
    }

    static func order(_ number: Int = 0) throws -> SampleOrder {
        SampleOrder(
            request: try created(number), createdAt: moment,
            updatedAt: Timestamp(microseconds: moment.microseconds + 18_342))
    }

    static func page() throws -> [SampleOrder] { try (0..<100).map { try order($0) } }
}

/// An order as the API answers it.
///
/// Orders' own is behind its door, with all that a door needs; the members are the same.
struct SampleOrder {
    let request: OrderCreated
    let createdAt: Timestamp
    let updatedAt: Timestamp

    var json: JSONValue {
        .object([
            .init("order_id", .string(request.orderID.description)),
            .init("user_id", .string(request.userID.text)),
            .init("amount", .number(request.amount.description)),
            .init("description", .string(request.description.text)),
            .init("status", "PAID"),
            .init("created_at", .string(createdAt.description)),
            .init("updated_at", .string(updatedAt.description)),
        ])
    }

    /// The same for Foundation's encoder.
    var codable: CodableOrder {
        CodableOrder(
            order_id: UUID(uuidString: request.orderID.description) ?? UUID(),
            user_id: request.userID.text,
            amount: Decimal(request.amount.money.minorUnits) / 100,
            description: request.description.text, status: "PAID",
            created_at: Date(timeIntervalSince1970: Double(createdAt.microseconds) / 1e6),
            updated_at: Date(timeIntervalSince1970: Double(updatedAt.microseconds) / 1e6))
    }
}

/// An order for Foundation's encoder. Its times are written in whole seconds, which is less work.
struct CodableOrder: Codable {
    let order_id: UUID
    let user_id: String
    let amount: Decimal
    let description: String
    let status: String
    let created_at: Date
    let updated_at: Date
}

/// The event `order_created` for Foundation's coders.
struct CodableCreated: Codable {
    let order_id: UUID
    let user_id: String
    let amount: Decimal
    let description: String
}

/// The body of `POST /orders` for Foundation's decoder.
struct CodableRequest: Codable {
    let user_id: String
    let amount: Decimal
    let description: String?
}
