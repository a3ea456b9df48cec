import Foundation
import JSON
import SharedKernel

extension Benchmark {
    /// Bodies as the doors read and write them, between bytes and checked values.
    static var json: [Benchmark] {
        get throws {
            let encoder = JSONEncoder()
            encoder.dateEncodingStrategy = .iso8601
            let decoder = JSONDecoder()
            return try requests(decoder) + orders(encoder) + events(encoder, decoder)
        }
    }

    private static func requests(_ decoder: JSONDecoder) -> [Benchmark] {
        let bytes = Array(Samples.requestText.utf8)
        let data = Data(bytes)
        return [
            Benchmark("json-read-request", "the body of POST /orders, into checked values") {
                let body = try JSONValue(parsing: bytes)
                guard case .number(let amount)? = body["amount"] else { throw Unexpected() }
                return (
                    try UserID(body["user_id"]?.string ?? ""), try Amount(decimal: amount),
                    try OrderDescription(body["description"]?.string ?? "")
                )
            }.against("JSONDecoder") { try decoder.decode(CodableRequest.self, from: data) }
        ]
    }

    private static func orders(_ encoder: JSONEncoder) throws -> [Benchmark] {
        let order = try Samples.order()
        let page = try Samples.page()
        let bytes = JSONValue.array(page.map(\.json)).encoded
        let data = Data(bytes)
        let (codable, codables) = (order.codable, page.map(\.codable))
        return [
            Benchmark("json-write-order", "an order in an answer") { order.json.encoded }
                .against("JSONEncoder") { try encoder.encode(codable) },
            Benchmark("json-write-page", "a page of 100 orders") {
                JSONValue.array(page.map(\.json)).encoded
            }.against("JSONEncoder") { try encoder.encode(codables) },
            Benchmark("json-read-page", "a page of 100 orders, into a tree") {
                try JSONValue(parsing: bytes)
            }.against("JSONSerialization") { try JSONSerialization.jsonObject(with: data) },
        ]
    }

    private static func events(
        _ encoder: JSONEncoder, _ decoder: JSONDecoder
    ) throws -> [Benchmark] {
        let event = try Samples.created()
        let bytes = event.json.encoded
        let data = Data(bytes)
        let codable = try decoder.decode(CodableCreated.self, from: data)
        return [
            Benchmark("json-write-event", "an order_created payload") { event.json.encoded }
                .against("JSONEncoder") { try encoder.encode(codable) },
            Benchmark("json-read-event", "an order_created payload, into checked values") {
                try OrderCreated(payload: bytes)
            }.against("JSONDecoder") { try decoder.decode(CodableCreated.self, from: data) },
        ]
    }
}

/// A sample that does not hold what it was made with.
struct Unexpected: Error {}
