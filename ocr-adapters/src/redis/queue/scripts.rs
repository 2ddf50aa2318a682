//! The scripts of the queue. Each call is one EVALSHA; a server that has forgotten a script is given
//! it again.

use redis::{FromRedisValue, Script, ScriptInvocation, aio::MultiplexedConnection};

use crate::redis::RedisServer;

macro_rules! script {
    ($name:literal) => {
        Script::new(concat!(
            include_str!("../lua/state.lua"),
            include_str!(concat!("../lua/", $name, ".lua"))
        ))
    };
}

/// The scripts, and the keys all of them get.
#[derive(Debug)]
pub(super) struct Scripts {
    keys: [String; 8],
    pub(super) enqueue: Script,
    pub(super) lease: Script,
    pub(super) heartbeat: Script,
    pub(super) ack: Script,
    pub(super) nack: Script,
    pub(super) reap: Script,
    pub(super) dead: Script,
    pub(super) redrive: Script,
    pub(super) remove: Script,
    pub(super) depth: Script,
    pub(super) ready: Script,
}

impl Scripts {
    pub(super) fn new(server: &RedisServer) -> Self {
        // In the order that lua/state.lua names them.
        let keys = [
            "ocr:task:queue",
            "ocr:task:items",
            "ocr:task:leased",
            "ocr:task:delayed",
            "ocr:task:dead",
            "ocr:task:reasons",
            "ocr:task:priorities",
            "ocr:task:fence",
        ];
        Self {
            keys: keys.map(|name| server.key(name)),
            enqueue: script!("enqueue"),
            lease: script!("lease"),
            heartbeat: script!("heartbeat"),
            ack: script!("ack"),
            nack: script!("nack"),
            reap: script!("reap"),
            dead: script!("dead"),
            redrive: script!("redrive"),
            remove: script!("remove"),
            depth: script!("depth"),
            ready: script!("ready"),
        }
    }

    /// The LIST that producers push to.
    pub(super) fn list(&self) -> &str {
        &self.keys[0]
    }

    /// Runs `script` with `arguments`.
    pub(super) async fn run<T: FromRedisValue>(
        &self,
        script: &Script,
        arguments: &[String],
        mut connection: MultiplexedConnection,
    ) -> redis::RedisResult<T> {
        let mut invocation: ScriptInvocation<'_> = script.prepare_invoke();
        for key in &self.keys {
            invocation.key(key);
        }
        for argument in arguments {
            invocation.arg(argument);
        }
        invocation.invoke_async(&mut connection).await
    }
}
