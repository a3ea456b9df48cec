import Crypto

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
        let excess: AMQPDelivery.Excess?
    }

    /// A frame out of its order.
    struct Disorder: Error {}

    private let bodyLimit: Int
    private var method: Method?
    private var properties: AMQPDelivery.Properties?
    private var body: [UInt8] = []
    private var size: UInt64 = 0
    private var missing: UInt64 = 0
    /// Digests what is not kept, too; none while everything is.
    private var digest: SHA256?

    /// - Parameter bodyLimit: bytes of a body that are kept; a longer one is measured and digested
    ///   as it passes by. Others send what they like, and a connection that ended over it would
    ///   meet the same message again and again.
    init(bodyLimit: Int) { self.bodyLimit = bodyLimit }

    mutating func begin(_ method: Method) throws(Disorder) {
        guard self.method == nil else { throw Disorder() }
        self.method = method
    }

    mutating func header(
        _ properties: AMQPDelivery.Properties, size: UInt64
    ) throws(Disorder) -> Content? {
        guard method != nil, self.properties == nil else { throw Disorder() }
        self.properties = properties
        self.size = size
        missing = size
        body.reserveCapacity(Int(min(size, UInt64(bodyLimit))))
        if size > UInt64(bodyLimit) { digest = SHA256() }
        return finishIfWhole()
    }

    mutating func fragment(_ bytes: UnsafeRawBufferPointer) throws(Disorder) -> Content? {
        guard properties != nil, bytes.count <= missing else { throw Disorder() }
        digest?.update(bufferPointer: bytes)
        body.append(contentsOf: bytes.prefix(bodyLimit - body.count))
        missing -= UInt64(bytes.count)
        return finishIfWhole()
    }

    private mutating func finishIfWhole() -> Content? {
        guard missing == 0, let method, let properties else { return nil }
        defer { self = ContentAssembler(bodyLimit: bodyLimit) }
        let excess = digest.map { AMQPDelivery.Excess(length: size, sha256: Array($0.finalize())) }
        return Content(method: method, properties: properties, body: body, excess: excess)
    }
}
