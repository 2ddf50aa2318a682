//! System calls that a page process has no use for, by seccomp.
//!
//! They are refused with EPERM, so that a library that tries one goes on without. What is not listed is allowed: the
//! list of what a C++ library needs is that of another machine tomorrow.

use std::collections::BTreeMap;

use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch, apply_filter,
};

use super::Reach;

/// By the number of the call: refused always, or where one of these conditions holds.
type Refused = BTreeMap<i64, Vec<SeccompRule>>;

/// Sockets: what is open is read and written as a file.
const NETWORK: [i64; 13] = [
    libc::SYS_socket,
    libc::SYS_socketpair,
    libc::SYS_bind,
    libc::SYS_connect,
    libc::SYS_listen,
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_sendto,
    libc::SYS_sendmsg,
    libc::SYS_sendmmsg,
    libc::SYS_recvfrom,
    libc::SYS_recvmsg,
    libc::SYS_recvmmsg,
];

/// The memory and the files of other processes.
const PROCESSES: [i64; 6] = [
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_pidfd_getfd,
    libc::SYS_kcmp,
];

/// Parts of the kernel that only administration needs, or in which most of its holes were.
const KERNEL: [i64; 46] = [
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_bpf,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_userfaultfd,
    libc::SYS_perf_event_open,
    libc::SYS_kexec_load,
    libc::SYS_kexec_file_load,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_acct,
    libc::SYS_quotactl,
    libc::SYS_syslog,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_adjtimex,
    libc::SYS_clock_adjtime,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_open_by_handle_at,
    libc::SYS_name_to_handle_at,
    libc::SYS_fanotify_init,
    libc::SYS_lookup_dcookie,
    libc::SYS_vhangup,
    libc::SYS_personality,
    libc::SYS_nfsservctl,
];

/// What is told of files: no version of Landlock refuses to change it, wherever the file is. Of the last three the C
/// library has no name for every processor: `fchmodat2`, `setxattrat` and `removexattrat`.
const ATTRIBUTES: [i64; 14] = [
    libc::SYS_fchmod,
    libc::SYS_fchmodat,
    libc::SYS_fchown,
    libc::SYS_fchownat,
    libc::SYS_utimensat,
    libc::SYS_setxattr,
    libc::SYS_lsetxattr,
    libc::SYS_fsetxattr,
    libc::SYS_removexattr,
    libc::SYS_lremovexattr,
    libc::SYS_fremovexattr,
    452,
    463,
    466,
];

/// Who leaves the group of a page process is not killed with it.
const GROUPS: [i64; 2] = [libc::SYS_setpgid, libc::SYS_setsid];

/// Other programs, and signals to them.
const PROGRAMS: [i64; 5] = [
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_rt_sigqueueinfo,
    libc::SYS_rt_tgsigqueueinfo,
    libc::SYS_pidfd_send_signal,
];

/// Signals to a thread of anybody. `abort` of the C library musl is made of it.
#[cfg(not(target_env = "musl"))]
const THREADS: [i64; 1] = [libc::SYS_tkill];
#[cfg(target_env = "musl")]
const THREADS: [i64; 0] = [];

#[cfg(target_arch = "x86_64")]
const OF_THIS_PROCESSOR: [i64; 10] = [
    libc::SYS_iopl,
    libc::SYS_ioperm,
    libc::SYS_modify_ldt,
    libc::SYS_uselib,
    libc::SYS_chmod,
    libc::SYS_chown,
    libc::SYS_lchown,
    libc::SYS_utime,
    libc::SYS_utimes,
    libc::SYS_futimesat,
];
#[cfg(not(target_arch = "x86_64"))]
const OF_THIS_PROCESSOR: [i64; 0] = [];

#[cfg(target_arch = "x86_64")]
const FORKS: [i64; 2] = [libc::SYS_fork, libc::SYS_vfork];
#[cfg(not(target_arch = "x86_64"))]
const FORKS: [i64; 0] = [];

/// Requests to a terminal that type into it, as if somebody sat there: `TIOCSTI` and `TIOCLINUX`.
const TYPING: [u64; 2] = [0x5412, 0x541c];

/// Refuses them in this thread and those it starts, for good. `programs` says whether it runs other programs.
pub(super) fn restrict(programs: bool) -> Reach {
    let applied = filters(programs)
        .map_err(|error| error.to_string())
        .and_then(|filters| {
            filters
                .iter()
                .try_for_each(|filter| apply_filter(filter).map_err(|error| error.to_string()))
        });
    match applied {
        Ok(()) => Reach::Whole,
        Err(error) => Reach::Nothing(format!("system calls are not refused: {error}")),
    }
}

fn filters(programs: bool) -> Result<Vec<BpfProgram>, BackendError> {
    let filters = vec![
        filter(refused(programs)?, libc::EPERM)?,
        // Its flags are in memory, where no filter sees them. The C library takes the older call instead.
        filter(Refused::from([(libc::SYS_clone3, Vec::new())]), libc::ENOSYS)?,
    ];
    #[cfg(target_arch = "x86_64")]
    let filters = [filters, vec![x32::filter()]].concat();
    Ok(filters)
}

fn filter(refused: Refused, answer: i32) -> Result<BpfProgram, BackendError> {
    SeccompFilter::new(
        refused,
        SeccompAction::Allow,
        SeccompAction::Errno(answer.unsigned_abs()),
        TargetArch::try_from(std::env::consts::ARCH)?,
    )?
    .try_into()
}

fn refused(programs: bool) -> Result<Refused, BackendError> {
    let always = NETWORK
        .into_iter()
        .chain(PROCESSES)
        .chain(KERNEL)
        .chain(ATTRIBUTES)
        .chain(GROUPS)
        .chain(OF_THIS_PROCESSOR);
    let mut refused: Refused = always.map(|call| (call, Vec::new())).collect();
    let typing: Result<Vec<SeccompRule>, BackendError> = TYPING
        .into_iter()
        .map(|request| rule(1, SeccompCmpOp::Eq, request))
        .collect();
    refused.insert(libc::SYS_ioctl, typing?);
    // Limits of others; 0 is this process.
    refused.insert(libc::SYS_prlimit64, vec![rule(0, SeccompCmpOp::Ne, 0)?]);
    let user = flag(libc::CLONE_NEWUSER);
    let mut clone = vec![rule(0, SeccompCmpOp::MaskedEq(user), user)?];
    if !programs {
        let programs = PROGRAMS.into_iter().chain(THREADS).chain(FORKS);
        refused.extend(programs.map(|call| (call, Vec::new())));
        // Threads only.
        clone.push(rule(0, SeccompCmpOp::MaskedEq(flag(libc::CLONE_THREAD)), 0)?);
        // 0 is the own group, which has nobody else in it.
        refused.insert(libc::SYS_kill, vec![rule(0, SeccompCmpOp::Ne, 0)?]);
        let own = u64::from(std::process::id());
        refused.insert(libc::SYS_tgkill, vec![rule(0, SeccompCmpOp::Ne, own)?]);
    }
    refused.insert(libc::SYS_clone, clone);
    Ok(refused)
}

/// A condition on the lower half of an argument, which is all that these calls look at.
fn rule(argument: u8, operator: SeccompCmpOp, value: u64) -> Result<SeccompRule, BackendError> {
    SeccompRule::new(vec![SeccompCondition::new(
        argument,
        SeccompCmpArgLen::Dword,
        operator,
        value,
    )?])
}

fn flag(flag: i32) -> u64 {
    u64::from(flag.unsigned_abs())
}

/// The second set of numbers that some kernels have for the same calls.
#[cfg(target_arch = "x86_64")]
mod x32 {
    use seccompiler::{BpfProgram, sock_filter};

    /// Numbers from here on are of that set.
    const FIRST: u32 = 0x4000_0000;

    /// Refuses all of them: nothing of ours uses them.
    pub(super) fn filter() -> BpfProgram {
        let step = |code: u32, jf: u8, k: u32| sock_filter {
            code: code as u16,
            jt: 0,
            jf,
            k,
        };
        vec![
            // The number is the first field of what a filter is given.
            step(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0),
            step(libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K, 1, FIRST),
            step(
                libc::BPF_RET | libc::BPF_K,
                0,
                libc::SECCOMP_RET_ERRNO | libc::ENOSYS.unsigned_abs(),
            ),
            step(libc::BPF_RET | libc::BPF_K, 0, libc::SECCOMP_RET_ALLOW),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_list_makes_a_program_that_the_kernel_takes() {
        for programs in [false, true] {
            for filter in filters(programs).unwrap() {
                // BPF_MAXINSNS of the kernel.
                assert!(filter.len() < 4096);
            }
        }
    }

    #[test]
    fn programs_are_only_refused_to_who_runs_none() {
        let (without, with) = (refused(false).unwrap(), refused(true).unwrap());
        assert!(without.contains_key(&libc::SYS_execve));
        assert!(!with.contains_key(&libc::SYS_execve));
        for refused in [without, with] {
            assert!(refused[&libc::SYS_socket].is_empty() && refused[&libc::SYS_ptrace].is_empty());
            assert!(refused[&libc::SYS_fchmod].is_empty() && refused[&libc::SYS_fsetxattr].is_empty());
            assert!(refused[&libc::SYS_setpgid].is_empty() && refused[&libc::SYS_setsid].is_empty());
            assert!(
                !refused[&libc::SYS_clone].is_empty(),
                "threads are started with it"
            );
        }
    }
}
