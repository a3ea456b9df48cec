import CLibPQ

/// Statements that travel together: libpq's pipeline mode, of which nothing is left when it is
/// done. At rest a round trip takes several times as long as most of what an order asks for.
extension Session {
    /// What is sent for a batch of statements; each is answered.
    private enum Step {
        case begin
        case prepare(sql: String, name: String)
        case run(EncodedStatement, name: String)
        case commit
    }

    /// Runs statements one after the other in a single round trip, each with a snapshot of its own
    /// as if it had come alone.
    ///
    /// - Parameters:
    ///   - begins: whether a transaction begins before them.
    ///   - commits: whether it is committed behind them.
    /// - Returns: what each gave.
    /// - Throws: the first error; what came behind it was not run.
    func execute(
        together statements: [EncodedStatement], beginning begins: Bool, committing commits: Bool
    ) throws(PostgresError) -> [PostgresRows] {
        let steps = steps(statements, begins) + (commits ? [.commit] : [])
        guard PQenterPipelineMode(handle) == 1, steps.allSatisfy(send),
            PQpipelineSync(handle) == 1
        else { throw lost() }
        try flush(by: deadline)
        let (results, failure) = try results(of: steps.count)
        guard PQexitPipelineMode(handle) == 1 else { throw lost() }
        for case .prepare(let sql, let name) in steps.prefix(results.count) {
            isPrepared(sql, as: name)
        }
        if let failure { throw failure }
        if commits, let tag = results.last?.commandTag, tag != "COMMIT" {
            throw PostgresError(.rolledBack, "COMMIT was answered by \(tag)")
        }
        return zip(steps, results).compactMap { step, result in
            if case .run = step { PostgresRows(result) } else { nil }
        }
    }

    private func steps(_ statements: [EncodedStatement], _ begins: Bool) -> [Step] {
        var steps: [Step] = begins ? [.begin] : []
        var names: [String: String] = [:]
        for statement in statements {
            let sql = statement.sql
            let name = names[sql] ?? preparedName(of: sql)
            if let name {
                steps.append(.run(statement, name: name))
            } else {
                let name = freshName()
                names[sql] = name
                steps += [.prepare(sql: sql, name: name), .run(statement, name: name)]
            }
        }
        return steps
    }

    private func send(_ step: Step) -> Bool {
        switch step {
        case .begin: PQsendQueryParams(handle, "BEGIN", 0, nil, nil, nil, nil, 0) == 1
        case .commit: PQsendQueryParams(handle, "COMMIT", 0, nil, nil, nil, nil, 0) == 1
        case .prepare(let sql, let name): PQsendPrepare(handle, name, sql, 0, nil) == 1
        case .run(let statement, let name): send(statement, preparedAs: name) == 1
        }
    }

    /// Receives what each step gave up to the first failure, and the end behind the last. Each has
    /// its deadline from when the one before it was answered.
    private func results(
        of count: Int
    ) throws(PostgresError) -> (results: [ResultHandle], failure: PostgresError?) {
        var results: [ResultHandle] = []
        var failure: PostgresError?
        for _ in 0..<count {
            let deadline = deadline
            while let next = try nextResult(by: deadline) {
                try refuseCopy(next)
                // Behind a failure the rest is answered as not run.
                guard next.status != PGRES_PIPELINE_ABORTED else { continue }
                do {
                    results.append(try judged(next))
                } catch {
                    failure = failure ?? error
                }
                if isLost { throw failure ?? lost() }
            }
        }
        guard let end = try nextResult(by: deadline), end.status == PGRES_PIPELINE_SYNC,
            failure != nil || results.count == count
        else {
            // The server said its last word, and whatever came behind it is not known.
            let loss = lost()
            throw failure ?? loss
        }
        return (results, failure)
    }
}
