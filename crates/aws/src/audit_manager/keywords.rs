//! The keywords that Audit Manager accepts in the account.

use aws_sdk_auditmanager::types::DataSourceType;
use controlsync_core::change_result::Failure;
use controlsync_core::source_type::SourceType;

use crate::audit_manager::client::Client;
use crate::pages::all_pages;
use crate::sender::Repeat;

/// Keywords per page; the maximum of the service.
const PAGE: i32 = 1000;

/// Reads the keywords of a type of data source, in the order of the service.
///
/// # Errors
///
/// A request failed.
pub async fn read(client: &Client, source_type: SourceType) -> Result<Vec<String>, Failure> {
    let of = DataSourceType::from(source_type.name());
    let request = client.sdk().list_keywords_for_data_source().source(of).max_results(PAGE);
    all_pages("ListKeywordsForDataSource", String::clone, |token| {
        let request = request.clone().set_next_token(token);
        async move {
            let page = client.call("ListKeywordsForDataSource", Repeat::Freely, || request.clone().send()).await?;
            Ok((page.keywords().to_vec(), page.next_token().map(str::to_owned)))
        }
    })
    .await
}
