await PaymentsCommand.main()
