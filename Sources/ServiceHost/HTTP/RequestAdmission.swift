import HTTPTypes
import JSON
import Metrics
import NIOCore
import NIOHTTP1

/// Gives each request its place in the gate as soon as it is whole, and refuses on the connection
/// itself what there is no room for, keeping the connection.
///
/// Under a flood there are many more refusals than requests, and hundreds may come with one look at
/// the sockets: one that took its turn among the requests that were let in would hold them up. So a
/// refusal's answer is bytes already, a ``PlainRequest`` is not even decoded for it, and what it
/// costs is mostly the kernel's. What has to be answered otherwise, or comes slowly, has no place
/// here and asks the gate itself at its route.
final class RequestAdmission: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// What there is room for, and where refusals are counted.
    struct Door: Sendable {
        let requests: RequestGate
        let refusals: Counter
    }

    /// How a request that was passed on stands to the gate.
    private enum Place {
        /// Takes none, or sees to it itself.
        case none
        /// Takes one when it is whole.
        case due
        /// Has one, until its route takes it over or it is answered.
        case held
    }

    private let door: Door
    private let connection: ConnectionGuard
    private let bytes: ByteSide
    private var isRefusing = false
    /// Of the requests that are not answered yet, in their order.
    private var places = CircularBuffer<Place>(initialCapacity: 2)

    /// - Parameters:
    ///   - connection: the guard of the same connection; it keeps its deadlines.
    ///   - bytes: the side of it where answers go out.
    init(_ door: Door, of connection: ConnectionGuard, bytes: ByteSide) {
        self.door = door
        self.connection = connection
        self.bytes = bytes
    }

    func handlerAdded(context: ChannelHandlerContext) { bytes.admission = self }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): begin(head)
        case .body: break
        case .end where isRefusing: return refuse()
        case .end: takePlace()
        }
        if !isRefusing { context.fireChannelRead(data) }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { giveBack(places.popFirst()) }
        context.write(data, promise: promise)
    }

    func channelInactive(context: ChannelHandlerContext) {
        giveBackAll()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        bytes.admission = nil
        giveBackAll()
    }

    /// Hands the place of the request that is being answered over to its route, which gives it
    /// back when its work is done, whatever becomes of the connection. False where it has none.
    func handOver() -> Bool {
        guard let first = places.first else { return false }
        places[places.startIndex] = .none
        return first == .held
    }

    /// The request whose place was handed over has its answer, which did not come this way.
    func answeredInFront() { giveBack(places.popFirst()) }

    // MARK: Places

    private func begin(_ head: HTTPRequestHead) {
        // Each message of a batch asks for its own place.
        let isBatch = head.headers.first(name: "content-type") == MessageBatch.mediaType
        let takesPlace = !isBatch && !isObservationPath(head.uri)
        isRefusing =
            takesPlace && !door.requests.hasRoom && mayRefuse && isUsual(head)
        if isRefusing {
            connection.refusalBegan()
        } else {
            places.append(takesPlace ? .due : .none)
        }
    }

    private func takePlace() {
        guard let last = places.last, last == .due, door.requests.enter() else { return }
        places[places.index(before: places.endIndex)] = .held
    }

    private func giveBack(_ place: Place?) {
        if place == .held { door.requests.leave() }
    }

    private func giveBackAll() {
        while let place = places.popFirst() { giveBack(place) }
    }

    // MARK: Refusals

    /// Refuses a request before it is decoded, if there is no room and it would have taken a place.
    func refuses(_ request: PlainRequest, in bytes: ByteBuffer) -> Bool {
        guard !door.requests.hasRoom, mayRefuse, !isObservationPath(request.target(in: bytes))
        else { return false }
        connection.plainRequestRefused(with: sendRefusal())
        return true
    }

    /// A caller who takes no answers gets none of these, which nobody waits with.
    private var mayRefuse: Bool { connection.letsAnswerInFront && bytes.isWritable }

    /// An answer to HEAD has no body, who waits for `100 Continue` would wait in vain, and one
    /// that is to be the last has to say so.
    private func isUsual(_ head: HTTPRequestHead) -> Bool {
        head.method != .HEAD && head.version == .http1_1 && head.isKeepAlive
            && !head.headers.contains(name: "expect")
    }

    private func refuse() {
        isRefusing = false
        connection.refusalEnded(with: sendRefusal())
    }

    /// Returns how many bytes it has.
    private func sendRefusal() -> Int {
        door.refusals.increment()
        var answer = Self.prepared.before
        answer.writeString(newRequestID())
        answer.writeImmutableBuffer(Self.prepared.after)
        bytes.send(answer)
        return answer.readableBytes
    }

    /// The answer before and after the request's id; the rest is the same for everybody.
    private static let prepared: (before: ByteBuffer, after: ByteBuffer) = {
        let fault = HTTPFault.overloaded
        let body = (["detail": fault.detail] as JSONValue).encoded
        var fields = fault.headers
        fields[.contentType] = "application/json"
        fields[.contentLength] = "\(body.count)"
        var before = ByteBuffer(string: "HTTP/1.1 \(fault.status)\r\n")
        for field in fields { before.writeString("\(field.name.rawName): \(field.value)\r\n") }
        before.writeString("\(HTTPField.Name.requestID.rawName): ")
        var after = ByteBuffer(string: "\r\n\r\n")
        after.writeBytes(body)
        before.reserveCapacity(minimumWritableBytes: 32 + after.readableBytes)
        return (before, after)
    }()
}
