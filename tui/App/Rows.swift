import KassaClient
import KassaModel
import SharedKernel

extension OrderRow {
    init(_ record: OrderRecord) {
        self.init(
            id: record.id.description, user: record.user, amount: Cents(record.amount.minorUnits),
            description: record.description, status: OrderStatus(record.status),
            createdAt: record.createdAt.microseconds, updatedAt: record.updatedAt.microseconds,
            failureReason: record.failureReason)
    }
}

extension OrderStatus {
    init(_ status: OrderRecord.Status) {
        self =
            switch status {
            case .pending: .pending
            case .paid: .paid
            case .failed: .failed
            case .unknown: .unknown
            }
    }
}

extension HistoryRow {
    init(_ change: OrderRecord.Change) {
        self.init(
            status: OrderStatus(change.status), at: change.at.microseconds, reason: change.reason)
    }
}

extension AccountRow {
    init(_ record: AccountRecord) {
        self.init(user: record.user, balance: Cents(record.balance.minorUnits))
    }
}

extension TransferRow {
    init(_ record: TransferRecord) {
        self.init(
            id: record.id, amount: Cents(record.amount.minorUnits), debit: record.debitAccount,
            credit: record.creditAccount, kind: record.kind,
            orderID: record.orderID?.description, createdAt: record.createdAt.microseconds)
    }
}

extension ParkedRow {
    init(_ record: ParkedMessageRecord) {
        self.init(
            id: record.id, queue: record.queue, reason: record.reason,
            parkedAt: record.parkedAt.microseconds)
    }
}

extension ServiceHealth {
    /// The gateway, which answered, and the services that it knows.
    static func list(_ record: ReadinessRecord) -> [ServiceHealth] {
        [ServiceHealth(name: "gateway", isUp: true)]
            + record.dependencies.map { dependency in
                let isUp = dependency.state == "ok"
                return ServiceHealth(
                    name: dependency.name, isUp: isUp,
                    detail: isUp ? "" : dependency.detail ?? dependency.state)
            }
    }
}

extension Failure {
    init(_ failure: CallFailure) {
        self =
            switch failure.kind {
            // The header names the gateway already.
            case .unreachable:
                .unreachable(
                    failure.cause.isEmpty ? "cannot connect" : "cannot connect: \(failure.cause)")
            case .timedOut: .timedOut
            case .broken: .broken(failure.cause)
            case .nonsense: .nonsense(failure.message)
            case .refused:
                .refused(
                    status: failure.status ?? 400, detail: failure.message,
                    fields: failure.fields.map {
                        FieldRefusal(field: $0.field, message: $0.message)
                    })
            case .serverTrouble:
                .server(
                    status: failure.status ?? 500, detail: failure.message,
                    retryAfter: failure.retryAfter)
            }
    }
}
