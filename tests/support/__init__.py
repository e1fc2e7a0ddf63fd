"""What the tests share: plugins as processes, namespaces with real loss, real daemons."""
