import NIOCore
import NIOHPACK
import NIOHTTP2
import OrderServiceRPC
import SharedKernel
import SwiftProtobuf

/// The two frames of a `CreateOrder` call.
struct RPCRequest {
    private let plan: LoadPlan
    /// The same for each order: all but the first time they go as references to the connection's
    /// table.
    private let headers: HPACKHeaders

    init(_ plan: LoadPlan) {
        self.plan = plan
        var headers: HPACKHeaders = [
            ":method": "POST", ":scheme": "http", ":path": "/orders.OrderService/CreateOrder",
            ":authority": "\(plan.rpcHost):\(plan.rpcPort)", "te": "trailers",
            "content-type": "application/grpc",
        ]
        if let token = plan.token { headers.add(name: "authorization", value: "Bearer \(token)") }
        self.headers = headers
    }

    var head: HTTP2Frame.FramePayload { .headers(.init(headers: headers)) }

    /// - Throws: what protobuf cannot write, which no order is.
    func body(_ order: Int, _ allocator: ByteBufferAllocator) throws -> HTTP2Frame.FramePayload {
        var request = Orders_CreateOrderRequest()
        request.userID = plan.account(of: order)
        request.amount = Double(plan.amount.minorUnits) / 100
        request.description_p = "load"
        let message: [UInt8] = try request.serializedBytes()
        var bytes = allocator.buffer(capacity: 5 + message.count)
        // Not compressed; its length.
        bytes.writeInteger(UInt8(0))
        bytes.writeInteger(UInt32(message.count))
        bytes.writeBytes(message)
        return .data(.init(data: .byteBuffer(bytes), endStream: true))
    }
}
