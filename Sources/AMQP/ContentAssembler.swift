/// Puts a message together from the frames it arrives in: a method, a header, then bodies until its
/// size is reached. Pure; it copies what it is given and never waits.
///
/// The library could do it by `amqp_read_message`, which blocks without a deadline for a body that
/// never comes.
struct ContentAssembler {
    /// What a message is: one for this consumer, or one of ours that no queue took.
    enum Method: Equatable {
        case delivery(tag: UInt64, isRedelivered: Bool, routingKey: String)
        case returned(code: Int, text: String, routingKey: String)
    }

    struct Content: Equatable {
        let method: Method
        let properties: AMQPDelivery.Properties
        let body: [UInt8]
    }

    /// A frame out of its order.
    struct Disorder: Error {}

    /// A body's announced size is the broker's word; memory is set aside for no more than this at
    /// once.
    private static let initialCapacity: UInt64 = 1 << 20

    private var method: Method?
    private var properties: AMQPDelivery.Properties?
    private var body: [UInt8] = []
    private var missing: UInt64 = 0

    mutating func begin(_ method: Method) throws(Disorder) {
        guard self.method == nil else { throw Disorder() }
        self.method = method
    }

    mutating func header(
        _ properties: AMQPDelivery.Properties, size: UInt64
    ) throws(Disorder) -> Content? {
        guard method != nil, self.properties == nil else { throw Disorder() }
        self.properties = properties
        missing = size
        body.reserveCapacity(Int(min(size, Self.initialCapacity)))
        return finishIfWhole()
    }

    mutating func fragment(_ bytes: UnsafeRawBufferPointer) throws(Disorder) -> Content? {
        guard properties != nil, bytes.count <= missing else { throw Disorder() }
        body.append(contentsOf: bytes)
        missing -= UInt64(bytes.count)
        return finishIfWhole()
    }

    private mutating func finishIfWhole() -> Content? {
        guard missing == 0, let method, let properties else { return nil }
        defer { self = ContentAssembler() }
        return Content(method: method, properties: properties, body: body)
    }
}
