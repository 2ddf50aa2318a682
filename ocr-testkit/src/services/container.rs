//! Servers in containers.

use testcontainers::{
    ContainerAsync, ContainerRequest, GenericImage, TestcontainersError, core::IntoContainerPort as _,
    runners::AsyncRunner as _,
};

use super::{START_LIMIT, variable};

/// A running container; it is removed when dropped.
#[derive(Debug)]
pub(super) struct Container {
    /// Host and published port.
    pub(super) address: String,
    _container: ContainerAsync<GenericImage>,
}

impl Container {
    /// Starts the image that variable `variable_name` names, or else `image`, and publishes `port`.
    /// `configure` adds variables and arguments.
    pub(super) async fn start(
        variable_name: &str,
        image: &str,
        port: u16,
        configure: impl FnOnce(GenericImage) -> ContainerRequest<GenericImage>,
    ) -> Result<Self, String> {
        let image = variable(variable_name).unwrap_or_else(|| image.into());
        let (name, tag) = split(&image);
        let failed = |error: TestcontainersError| {
            format!(
                "a container of {image} cannot be started: {error}\n\
                 Start a container engine and make sure the image can be pulled, or name another in {variable_name}."
            )
        };
        let request = configure(GenericImage::new(name, tag).with_exposed_port(port.tcp()));
        let container = testcontainers::ImageExt::with_startup_timeout(request, START_LIMIT)
            .start()
            .await
            .map_err(failed)?;
        let host = container.get_host().await.map_err(failed)?;
        let published = container.get_host_port_ipv4(port.tcp()).await.map_err(failed)?;
        Ok(Self {
            address: format!("{host}:{published}"),
            _container: container,
        })
    }
}

/// Name and tag. A colon before the last slash belongs to a port.
fn split(image: &str) -> (&str, &str) {
    match image.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, tag),
        _ => (image, "latest"),
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn an_image_has_a_name_and_a_tag() {
        assert_eq!(split("postgres:15"), ("postgres", "15"));
        assert_eq!(split("host:5000/postgres"), ("host:5000/postgres", "latest"));
        assert_eq!(split("host:5000/redis:7"), ("host:5000/redis", "7"));
    }
}
