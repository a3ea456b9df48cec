import JSON
import NIOCore

/// The bytes of `POST /orders`. They are the same for each order but for the account's number, so
/// that all else is made once.
struct OrderRequest {
    private let accounts: Int
    /// Up to the value of `Content-Length`.
    private let head: ByteBuffer
    /// From after that value to the account's number.
    private let middle: ByteBuffer
    private let end = ByteBuffer(string: #","description":"load"}"#)
    private let amount: ByteBuffer
    /// Of the body, but for the account's number.
    private let length: Int

    /// - Parameter host: with its port.
    init(_ plan: LoadPlan, host: String) {
        accounts = plan.accounts
        let credentials = plan.token.map { "Authorization: Bearer \($0)\r\n" } ?? ""
        head = ByteBuffer(
            string: "POST /orders HTTP/1.1\r\nHost: \(host)\r\nContent-Type: application/json\r\n"
                + credentials + "Content-Length: ")
        // Without the quote that ends it.
        let account = JSONValue.string("\(plan.accountPrefix)-").text.dropLast()
        let body = #"{"user_id":"# + account
        middle = ByteBuffer(string: "\r\n\r\n" + body)
        amount = ByteBuffer(string: #"","amount":\#(plan.amount)"#)
        length = body.utf8.count + amount.readableBytes + end.readableBytes
    }

    /// Writes the request for an order.
    func write(_ order: Int, into bytes: inout ByteBuffer) {
        let number = String(order % accounts)
        bytes.writeImmutableBuffer(head)
        bytes.writeString(String(length + number.utf8.count))
        bytes.writeImmutableBuffer(middle)
        bytes.writeString(number)
        bytes.writeImmutableBuffer(amount)
        bytes.writeImmutableBuffer(end)
    }
}
