//! The proxy over HTTP/1.1, on a port of this machine.

use super::Proxy;
use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

/// How a server answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// As it should, with the length of the body before it.
    Whole,
    /// In chunks, whose number is not said before.
    Chunked,
    /// Too late.
    Slow,
    /// It begins in time, and sends a byte now and then.
    Trickling,
    /// It ends the connection without an answer.
    Silent,
    /// It sends what is no HTTP.
    Garbage,
    /// It sends that before it was asked, and listens to nothing.
    Shouting,
    /// It goes on and on.
    Endless,
    /// It sends elsewhere.
    Redirecting,
}

/// A server that ends when it is dropped.
pub struct Server {
    address: SocketAddr,
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Answers for the proxy from now on.
    pub fn start(proxy: &Proxy, manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("its address");
        let ended = Arc::new(AtomicBool::new(false));
        let (proxy, is_over) = (proxy.clone(), Arc::clone(&ended));
        let thread = thread::spawn(move || {
            for stream in listener.incoming() {
                if is_over.load(Ordering::SeqCst) {
                    return;
                }
                let (Ok(stream), proxy) = (stream, proxy.clone()) else { continue };
                // What the other side makes of it is the test's to see.
                thread::spawn(move || drop(serve(&proxy, manner, &stream)));
            }
        });
        Self { address, ended, thread: Some(thread) }
    }

    /// `http://127.0.0.1` and the port.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        // So that it looks.
        drop(TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the server does not panic");
        }
    }
}

/// Requests of one connection, until it ends.
fn serve(proxy: &Proxy, manner: Manner, stream: &TcpStream) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    if manner == Manner::Shouting {
        writer.write_all(b"220 no TLS here\r\n")?;
        std::io::copy(&mut reader, &mut std::io::sink())?;
        return Ok(());
    }
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let mut words = line.split_whitespace();
        let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let mut headers = BTreeMap::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            headers.insert(name.to_lowercase(), value.trim().to_string());
        }
        let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let (status, body) = proxy.answer(method, path, &headers, &body);
        let head = format!("HTTP/1.1 {status} Status\r\nContent-Type: application/json\r\n");
        match manner {
            Manner::Whole => {
                write!(writer, "{head}Content-Length: {}\r\n\r\n", body.len())?;
                writer.write_all(&body)?;
            }
            Manner::Chunked => {
                write!(writer, "{head}Transfer-Encoding: chunked\r\n\r\n")?;
                for chunk in body.chunks(7) {
                    write!(writer, "{:x}\r\n", chunk.len())?;
                    writer.write_all(chunk)?;
                    write!(writer, "\r\n")?;
                }
                write!(writer, "0\r\n\r\n")?;
            }
            Manner::Slow => thread::sleep(Duration::from_secs(2)),
            Manner::Trickling => {
                write!(writer, "{head}Content-Length: {}\r\n\r\n", body.len())?;
                for byte in body {
                    writer.write_all(&[byte])?;
                    thread::sleep(Duration::from_millis(50));
                }
            }
            Manner::Silent => return Ok(()),
            Manner::Garbage => {
                writer.write_all(b"\x15\x03\x01 no HTTP at all\r\n\r\n")?;
                return Ok(());
            }
            Manner::Shouting => {}
            Manner::Endless => {
                write!(writer, "{head}Transfer-Encoding: chunked\r\n\r\n")?;
                loop {
                    write!(writer, "1000\r\n{}\r\n", " ".repeat(4096))?;
                }
            }
            Manner::Redirecting => {
                write!(writer, "HTTP/1.1 307 Status\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n")?;
            }
        }
    }
}
