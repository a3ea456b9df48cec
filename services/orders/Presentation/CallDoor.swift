import GRPCCore
import NIOCore
import NIOPosix
import OrdersApplication
import OrdersDomain
import ServiceHost
import SharedKernel

/// What the calls of a door share.
struct CallDoor: Sendable {
    /// The path of the call that is answered on its stream.
    static let createOrder = "/orders.OrderService/CreateOrder"

    let rpc: OrderRPC
    let orders: Gathering<PlaceOrder.Wish, Idempotent<Order>>
    /// By their paths.
    let methods: [String: MethodDescriptor]
    /// Bytes of a call's message at most.
    let messageLimit: Int
    /// Has the library perform a call.
    let perform: @Sendable (OrdinaryCall) -> Void
    /// Of each event loop, which is a thread.
    private let deadlines = ThreadSpecificVariable<NIOLoopBoundBox<StreamDeadlines>>()

    init(
        _ rpc: OrderRPC, methods: [MethodDescriptor], messageLimit: Int,
        perform: @escaping @Sendable (OrdinaryCall) -> Void
    ) {
        self.rpc = rpc
        self.methods = Dictionary(
            methods.map { ("/\($0.fullyQualifiedMethod)", $0) }, uniquingKeysWith: { $1 })
        self.messageLimit = messageLimit
        self.perform = perform
        // While one batch is being committed the next waits for its turn, a third gathers.
        orders = Gathering(
            concurrency: 2, bounds: .init(count: OrderAddition.togetherLimit)
        ) { [placeOrder = rpc.placeOrder] wishes in await placeOrder(together: wishes) }
    }

    /// From a stream's beginning to its end, whatever it waits for.
    var streamDeadline: Duration { rpc.limits.streamDeadline }

    /// Takes a stream up, on its event loop.
    func open(_ stream: any Channel) throws {
        try stream.pipeline.syncOperations.addHandler(
            CallStream(self, deadlines(of: stream.eventLoop)))
    }

    private func deadlines(of eventLoop: any EventLoop) -> StreamDeadlines {
        if let deadlines = deadlines.currentValue { return deadlines.value }
        let made = StreamDeadlines(min(rpc.deadline, streamDeadline), on: eventLoop)
        deadlines.currentValue = NIOLoopBoundBox(made, eventLoop: eventLoop)
        return made
    }
}
