await OrdersCommand.main()
